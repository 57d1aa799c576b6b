import { describeSpent } from "../../describe-spent.ts";
import { duration, plural } from "../../format.ts";
import type { SessionControls, SlashCommand } from "../session-controls.ts";

export const plan: SlashCommand = {
  name: "plan",
  help: "the whole plan",
  async run({ session, style, print }) {
    const marks = { done: "✔", active: "▶", pending: "·", skipped: "–" };
    const steps = session.state.plan.map(({ title, status }) => `  ${marks[status]} ${title}`);
    print(["", style.bold("Plan"), ...(steps.length === 0 ? ["  there is none yet"] : steps)]);
  },
};

export const tools: SlashCommand = {
  name: "tools",
  help: "what the intern can do by itself",
  async run({ tools, style, print }) {
    const lines = tools().map(({ name, description }) => {
      const [sentence = ""] = description.split(/(?<=\.)\s/);
      return `  ${style.tool(name.padEnd(22))} ${style.dim(sentence)}`;
    });
    print(["", style.bold("Tools"), ...lines]);
  },
};

export const cost: SlashCommand = {
  name: "cost",
  help: "what this session used and cost, and what the prompt cache saved",
  async run({ session, budget, style, print }) {
    const { spent, active_ms, iterations, options } = session.state;
    const { unpriced, ...sums } = spent;
    const known = unpriced ? { ...sums, usd: null, saved_usd: null } : sums;
    const facts = [
      describeSpent(known),
      `${plural(iterations, "model call")}${active_ms > 0 ? `, ${duration(active_ms)} in finished turns` : ""}`,
      budgetOf(options.budget_usd),
      ...(await budget()),
    ];
    print(["", style.bold("Cost"), ...facts.map((fact) => `  ${fact}`)]);
  },
};

export function budgetOf(usd: SessionControls["session"]["state"]["options"]["budget_usd"]): string {
  return usd === null ? "no budget is set" : `the budget is $${usd}`;
}
