import type { Facts } from "../facts.ts";
import { readRelease } from "../lab-documents.ts";
import type { Release } from "../lab-types.ts";
import { say } from "../move.ts";
import type { Stage } from "../stage.ts";
import { giveUp, round, verified } from "../wording.ts";
import { champion } from "./selection-stage.ts";
import { testScore } from "./test-stage.ts";

const MOST_INTERRUPTIONS = 3;

export const publishStage: Stage = {
  title: "Publish the model",
  next(facts) {
    const score = testScore(facts);
    if (score === null || release(facts) !== null || !facts.tools.has("publish_model")) return null;
    const tries = facts.conversation.exchanges.filter(({ name }) => name === "publish_model");
    const last = tries.at(-1)?.outcome;
    const result = `The result stands: ${score.run} has ${verified(score)} on the sealed test`;
    if (last?.kind === "failed") return giveUp(`the model could not be published. ${result}`, last.failure);
    if (last?.kind === "ok") return say(`I cannot read what publishing answered. ${result}.`);
    if (tries.length >= MOST_INTERRUPTIONS) return say(`Publishing was interrupted each time. ${result}.`);
    return {
      text: `${score.run} has ${verified(score)} on the sealed test. I publish it.`,
      calls: [{ name: "publish_model", input: { run: score.run, summary: summary(facts) } }],
    };
  },
};

export function release({ conversation }: Facts): Release | null {
  const last = conversation.exchanges.findLast(
    ({ name, outcome }) => name === "publish_model" && outcome.kind === "ok",
  );
  return last?.outcome.kind === "ok" ? readRelease(last.outcome.text) : null;
}

function summary(facts: Facts): string {
  const { contract, trials } = facts;
  const title = champion(facts)?.candidate.title ?? "model";
  const tried = trials.filter(({ runs }) => runs.length > 0).map(({ candidate }) => candidate.title);
  const score = testScore(facts);
  const base =
    score?.baseline == null
      ? ""
      : ` A constant guess (${score.baseline.name}) scores ${round(score.baseline.value)}.`;
  return `A ${title} for "${contract?.target}", trained by ml-intern's offline recipe engine (fixed rules, no language model). Families tried: ${tried.join(", ")}. The choice was made on validation rows by paired comparison, the simplest candidate first; then the model was fitted on train and validation together and scored once on the sealed test.${base}`;
}
