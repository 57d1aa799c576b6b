import type { Facts } from "../facts.ts";
import { type Move, say } from "../move.ts";
import { firstScore } from "../trials.ts";
import { count, round, runTrouble, verified } from "../wording.ts";
import { describeNoise } from "./noise-stage.ts";
import { release } from "./publish-stage.ts";
import { champion } from "./selection-stage.ts";
import { testScore } from "./test-stage.ts";

/** The last word: what was built, with verified numbers only. */
export function summarise(facts: Facts): Move {
  const score = testScore(facts);
  if (score === null) return say("I stop here: the conversation holds no result that I could go on from.");
  const published = release(facts);
  if (published !== null && publishedEarlier(facts)) {
    return say(
      `The work on this task is finished: ${score.run} is published at ${published.url || published.repo}. The contract is fixed and its test is used up, so I can change nothing more here; a new session with new terms can. I follow fixed rules and cannot discuss the result freely.`,
    );
  }
  const { baseline } = score;
  const lines = [
    published === null
      ? "The model is done; publishing was not offered to me."
      : `Done. The model is published: ${published.url || published.repo}.`,
    "",
    `- Model: ${champion(facts)?.candidate.title ?? "?"} (${score.run}), predicting "${facts.contract?.target}".`,
    `- Sealed test, ${count(score.rows, "row")}: ${verified(score)}.`,
    ...(baseline === null
      ? []
      : [
          `- A constant guess (${baseline.name}): verified ${score.metric} ${round(baseline.value)} on the same rows.`,
        ]),
    ...beatsBaseline(facts),
    `- Noise: ${describeNoise(facts)}`,
    ...candidateLines(facts),
    ...releaseLines(facts),
    "",
    "Verified numbers were measured by the evaluator on rows that the runs never saw. The hyper-parameters come from a small fixed search, so a longer one may find a little more.",
  ];
  return say(lines.join("\n"));
}

function beatsBaseline(facts: Facts): string[] {
  const score = testScore(facts);
  if (score?.baseline == null || facts.contract === null) return [];
  const [low, high] = score.interval;
  const beats =
    facts.contract.direction === "maximize" ? low > score.baseline.value : high < score.baseline.value;
  return beats
    ? []
    : ["- Weak: the interval reaches the constant guess, so this model has not been shown to be of use."];
}

function candidateLines({ trials }: Facts): string[] {
  const tried = trials.map((trial) => {
    const score = firstScore(trial);
    const { title } = trial.candidate;
    if (score !== null) return `  - ${title} (${score.run}): ${verified(score)}`;
    const last = trial.attempts.at(-1);
    if (last === undefined) return `  - ${title}: not tried`;
    return `  - ${title}: dropped, ${trial.refusal?.message ?? last.failure?.message ?? runTrouble(last.runs.at(-1))}`;
  });
  return ["- Candidates on validation:", ...tried];
}

function releaseLines(facts: Facts): string[] {
  const published = release(facts);
  if (published === null) return [];
  const row = published.ledger_seq === null ? "" : ` (ledger row ${published.ledger_seq})`;
  const reloaded = published.reloaded;
  const loaded =
    reloaded === null
      ? ""
      : reloaded.agrees
        ? `, loaded again in a clean sandbox where it gave the same predictions for ${count(reloaded.rows, "row")}`
        : ", but the copy loaded again did not predict the same";
  return [`- Release: ${count(published.files.length, "file")}${row}${loaded}.`];
}

function publishedEarlier({ conversation }: Facts): boolean {
  const last = conversation.exchanges.findLast(({ name }) => name === "publish_model");
  return last !== undefined && last.turn < conversation.words.length;
}
