import type { Contract } from "../lab-types.ts";
import type { PlannedCall } from "../move.ts";
import { type RecipeFile, recipeFiles } from "../recipe-files.ts";
import type { Stage } from "../stage.ts";
import { count, giveUp } from "../wording.ts";

/** Escapes make the JSON of a Python file a little longer than the file. */
const CHARACTERS_PER_TOKEN = 3.2;
const SHARE_OF_OUTPUT = 0.8;

export const writeStage: Stage = {
  title: "Write the recipe",
  next({ contract, written, conversation, maxTokens }) {
    if (contract === null) return null;
    const missing = recipeFiles(contract).filter(({ path }) => !written.has(path));
    if (missing.length === 0) return null;
    const last = conversation.exchanges.findLast(({ name }) => name === "write")?.outcome;
    if (last?.kind === "failed") return giveUp("the recipe's files cannot be written", last.failure);
    const batch = firstThatFit(missing, maxTokens);
    return { text: written.size === 0 ? opening(contract) : "The next files of the recipe.", calls: batch };
  },
};

function opening({ split, excluded, metric }: Contract): string {
  const parts = `${count(split.train, "row")} to train on, ${split.validation} for validation and ${split.test} sealed for the test`;
  const left =
    excluded.length === 0 ? "" : ` ${count(excluded.length, "column is", "columns are")} left out.`;
  return `The contract is fixed: ${parts}; ${metric} decides.${left} Now I write the recipe: an encoder that is fitted on training rows only, a bounded search by cross-validation, and an export to ONNX.`;
}

/** As many files as one reply can hold; one at least, because a smaller reply would never hold it. */
function firstThatFit(files: readonly RecipeFile[], maxTokens: number): PlannedCall[] {
  const room = maxTokens * CHARACTERS_PER_TOKEN * SHARE_OF_OUTPUT;
  const calls: PlannedCall[] = [];
  let used = 0;
  for (const { path, content } of files) {
    used += content.length;
    if (calls.length > 0 && used > room) break;
    calls.push({ name: "write", input: { path, content } });
  }
  return calls;
}
