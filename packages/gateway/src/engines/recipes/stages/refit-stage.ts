import { searchSeconds } from "../candidates.ts";
import { type Facts, isBudgetSpent, leader } from "../facts.ts";
import { TRAIN_SCRIPT } from "../recipe-files.ts";
import type { Stage } from "../stage.ts";
import { isUsable, type Trial } from "../trials.ts";
import { round, runTrouble } from "../wording.ts";
import { refitAttempts } from "./final-run.ts";
import { champion, comparisonWith, leadIsConfirmed } from "./selection-stage.ts";

const MOST_ATTEMPTS = 3;

export const refitStage: Stage = {
  title: "Refit on train and validation",
  next(facts) {
    const { contract } = facts;
    const chosen = champion(facts);
    const [run] = chosen?.runs ?? [];
    if (contract === null || chosen === null || run === undefined || isBudgetSpent(facts)) return null;
    const attempts = refitAttempts(facts);
    const last = attempts.at(-1);
    if (attempts.length >= MOST_ATTEMPTS || last?.failure != null) return null;
    if (attempts.some(({ runs }) => runs.some(isUsable))) return null;
    const { family, title } = chosen.candidate;
    const broken = last !== undefined && last.runs.length > 0;
    if (broken && !last.args.includes("--params")) return null;
    // The second try searches again, in case it was the repeated result that did not fit the added rows.
    const how = broken
      ? ["--budget-s", String(searchSeconds(contract))]
      : ["--params", `runs/${run.id}/params.json`];
    const text = broken
      ? `The refit did not work (${runTrouble(last.runs.at(-1))}), so I let it search again.`
      : `${explainChoice(chosen, facts)} It is fitted again on train and validation together, with what ${run.id} found; this closes validation for good.`;
    const args = ["--family", family, "--refit", ...how];
    const input = { name: `${title}, refit`, script: TRAIN_SCRIPT, args, seeds: [run.seed], refit: true };
    return { text, calls: [{ name: "start_run", input }] };
  },
};

function explainChoice(chosen: Trial, facts: Facts): string {
  const best = leader(facts);
  const { title } = chosen.candidate;
  if (best === null || best === chosen) {
    const confirmed = facts.trials
      .slice(0, facts.trials.indexOf(chosen))
      .some((trial) => isUndecided(trial, chosen, facts) && leadIsConfirmed(trial, chosen, facts));
    return confirmed
      ? `I choose the ${title}: its verified lead is more than twice the noise, and cross-validation on other rows agrees (claimed). The evaluator alone does not call it better than every simpler candidate.`
      : `I choose the ${title}: no simpler candidate holds its own against it.`;
  }
  const comparison = comparisonWith(chosen, best, facts);
  const [low, high] = comparison?.interval ?? [0, 0];
  const difference =
    comparison === null
      ? ""
      : ` (difference ${round(comparison.difference)}, 95 % interval ${round(low)} to ${round(high)})`;
  return `I choose the ${title}: it is simpler, and the evaluator cannot tell the ${best.candidate.title} from it${difference}.`;
}

function isUndecided(trial: Trial, best: Trial, facts: Facts): boolean {
  return comparisonWith(trial, best, facts)?.verdict === "indistinguishable";
}
