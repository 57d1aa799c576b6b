import { UsageError } from "../../../usage-error.ts";
import type { SlashCommand } from "../session-controls.ts";
import { budgetOf } from "./show.ts";

export const model: SlashCommand = {
  name: "model",
  help: "who thinks from the next model call on: /model lists them, /model ENGINE/NAME takes one",
  async run({ session, models, pick, takeModel, working, print }, argument) {
    const names = argument === "" ? await models() : [];
    const now = session.state.options.model;
    const choices = names.map((name) => ({ value: name, title: name === now ? `${name} (now)` : name }));
    const wanted = argument === "" ? await pick("Which model?", choices) : argument;
    if (wanted === null || wanted === now) return;
    const taken = await takeModel(wanted);
    print([`${taken} thinks from ${working ? "the next model call" : "now"} on.`]);
  },
};

export const budget: SlashCommand = {
  name: "budget",
  help: "the most that model calls may cost, from the next one on: /budget 2.50 sets it, /budget none lifts it",
  async run({ budget, changeOptions, working, style, print }, argument) {
    if (argument === "")
      return print(["", style.bold("Budget"), ...(await budget()).map((line) => `  ${line}`)]);
    const usd = argument === "none" ? null : Number(argument.replace(/^\$/, ""));
    if (usd !== null && !(Number.isFinite(usd) && usd > 0))
      throw new UsageError(
        `A budget is a number of dollars above 0, not "${argument}".`,
        "Such as /budget 2.50.",
      );
    await changeOptions({ budget_usd: usd });
    print([`From ${working ? "the next model call" : "now"} on, ${budgetOf(usd)}.`]);
  },
};
