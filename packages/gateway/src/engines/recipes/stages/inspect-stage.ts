import type { Facts } from "../facts.ts";
import { type Move, say } from "../move.ts";
import type { Stage } from "../stage.ts";
import { giveUp } from "../wording.ts";

const MOST_INTERRUPTIONS = 3;

export const inspectStage: Stage = {
  title: "Look at the data",
  next(facts) {
    const { report, contract, conversation } = facts;
    if (contract !== null) return null;
    const looks = conversation.exchanges.filter(({ name }) => name === "inspect_data");
    const last = looks.at(-1)?.outcome;
    if (last?.kind === "failed") return giveUp("the data cannot be inspected", last.failure);
    if (report === null) return inspect(looks.length, last?.kind);
    if (report.suggestion !== null) return null;
    return looks.some(({ input }) => input.target !== undefined) ? noTarget(facts) : askForTarget(facts);
  },
};

function inspect(looks: number, last: "ok" | "interrupted" | undefined): Move {
  if (last === "ok") return say("I stop here: I cannot read the data report that came back.");
  if (looks >= MOST_INTERRUPTIONS)
    return say("I stop here: the inspection of the data was interrupted each time.");
  return {
    text: "First I look at the data: columns, gaps, the target's balance, and whatever could spoil a fair score.",
    calls: [{ name: "inspect_data", input: {} }],
  };
}

/** The report names no target: a column that the person's words name is the last guess. */
function askForTarget(facts: Facts): Move {
  const words = facts.conversation.words.join("\n").toLowerCase();
  const named = (facts.report?.columns ?? []).filter(({ name }) => mentions(words, name.toLowerCase()));
  const [guess] = named.toSorted((a, b) => b.name.length - a.name.length);
  if (guess === undefined) return noTarget(facts);
  return {
    text: `The report names no target. The task's words mention the column "${guess.name}", so I look again with it.`,
    calls: [{ name: "inspect_data", input: { target: guess.name } }],
  };
}

function mentions(words: string, name: string): boolean {
  const at = words.indexOf(name);
  if (name === "" || at < 0) return false;
  const letter = /[\p{L}\p{N}_]/u;
  return !letter.test(words[at - 1] ?? " ") && !letter.test(words[at + name.length] ?? " ");
}

function noTarget({ report }: Facts): Move {
  const stops = (report?.alarms ?? [])
    .filter(({ severity }) => severity === "stop")
    .map(({ message }) => message);
  const columns = (report?.columns ?? []).slice(0, 20).map(({ name }) => name);
  const cause = stops.length > 0 ? stops.join(" ") : "No column can be taken for the target with certainty.";
  return say(
    `I stop here: there is nothing to agree on. Cause: ${cause} Mend: name the column to predict, in the task's words or with --target. The columns are: ${columns.join(", ")}.`,
  );
}
