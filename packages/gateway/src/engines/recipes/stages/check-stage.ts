import { recipeFiles } from "../recipe-files.ts";
import type { Stage } from "../stage.ts";

/** Holds the recipe's calls against what is installed before the first run. What it finds shows; the first run decides. */
export const checkStage: Stage = {
  title: "Check the recipe's calls",
  next({ contract, trials, conversation, tools }) {
    if (contract === null || !tools.has("installed_api")) return null;
    const isChecked = conversation.exchanges.some(
      ({ name, outcome }) => name === "installed_api" && outcome.kind !== "interrupted",
    );
    if (isChecked || trials.some(({ attempts }) => attempts.length > 0)) return null;
    const paths = recipeFiles(contract).map(({ path }) => path);
    return {
      text: "The recipe is written. I hold its calls against the packages that are installed here, before anything runs.",
      calls: [{ name: "installed_api", input: { paths } }],
    };
  },
};
