import { type Facts, isBudgetSpent } from "../facts.ts";
import type { Score } from "../lab-types.ts";
import type { Stage } from "../stage.ts";
import { giveUp, runTrouble, sentence } from "../wording.ts";
import { finalRuns, refitAttempts } from "./final-run.ts";
import { submitCall } from "./trial-stage.ts";

export const testStage: Stage = {
  title: "Score once on the sealed test",
  next(facts) {
    if (testScore(facts) !== null) return null;
    const [run] = finalRuns(facts);
    if (run === undefined) return null;
    const failure = facts.submissions.findLast(({ set }) => set === "test")?.failure;
    if (failure != null) {
      return giveUp(
        "the evaluation on the sealed test was refused, and without it nothing is published",
        failure,
      );
    }
    return {
      text: `${describeRefit(facts)}Now the one evaluation on the sealed test rows.`,
      calls: [submitCall([run.id], "test")],
    };
  },
};

export function testScore({ submissions }: Facts): Score | null {
  return (
    submissions.findLast(({ set, evaluation }) => set === "test" && evaluation !== null)?.evaluation
      ?.scores[0] ?? null
  );
}

function describeRefit(facts: Facts): string {
  const last = refitAttempts(facts).at(-1);
  const [run] = finalRuns(facts);
  if (last === undefined && isBudgetSpent(facts))
    return `The budget for runs is spent, so ${run?.id} stands as it is, fitted on train alone. `;
  if (last === undefined || last.runs.some(({ id }) => id === run?.id)) return "";
  const trouble = last.failure?.message ?? runTrouble(last.runs.at(-1));
  return `The refit did not work (${sentence(trouble)}), so ${run?.id} stands as it is, fitted on train alone. `;
}
