import type { Exchange, Failure } from "../conversation.ts";
import type { Facts } from "../facts.ts";
import type { DataReport } from "../lab-types.ts";
import { type Move, say } from "../move.ts";
import type { Stage } from "../stage.ts";
import { count, giveUp, sentence } from "../wording.ts";

const MOST_TRIES = 4;

export const contractStage: Stage = {
  title: "Fix the contract",
  next(facts) {
    if (facts.contract !== null || facts.report === null) return null;
    const { exchanges } = facts.conversation;
    const proposals = exchanges.filter(({ name }) => name === "propose_contract");
    const last = proposals.at(-1);
    if (proposals.length >= MOST_TRIES)
      return say("I stop here: the contract could not be fixed in several tries.");
    if (last === undefined) return propose(facts.report);
    if (last.outcome.kind === "failed") return repair(last.outcome.failure, last, facts);
    if (last.outcome.kind === "ok") return readTerms(facts);
    return { text: "The proposal was interrupted, so I make it again.", calls: [again(last)] };
  },
};

function propose(report: DataReport): Move {
  const { suggestion } = report;
  if (suggestion === null) return say("I stop here: the data report suggests no contract.");
  return {
    text: [describeData(report), describeTerms(suggestion)].join("\n\n"),
    calls: [{ name: "propose_contract", input: suggestion }],
  };
}

function repair(failure: Failure, last: Exchange, facts: Facts): Move {
  if (failure.code === "contract/already_fixed") return readTerms(facts);
  const { task_type, input_kind, target, text_column, exclude } = last.input;
  const wasFull = "split" in last.input || "metric" in last.input || "positive_class" in last.input;
  const mayBeTerms = failure.code === "contract/invalid" || failure.code === "tool/wrong_arguments";
  if (!mayBeTerms || !wasFull) return giveUp("the contract was refused", failure);
  const kept = Object.entries({ task_type, input_kind, target, text_column, exclude }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    text: `These terms were refused (${sentence(failure.message)}) I leave metric and split to the lab and propose only the rest.`,
    calls: [{ name: "propose_contract", input: Object.fromEntries(kept) }],
  };
}

function readTerms({ conversation, tools }: Facts): Move {
  const tried = conversation.exchanges.some(
    ({ name, outcome }) => name === "read" && outcome.kind !== "interrupted",
  );
  if (tried || !tools.has("read")) return say("I stop here: I cannot read the contract that is in force.");
  return {
    text: "A contract is in force already, so I read it and work under it.",
    calls: [{ name: "read", input: { path: "data/task.json" } }],
  };
}

function again({ name, input }: Exchange): { name: string; input: Exchange["input"] } {
  return { name, input };
}

function describeData({
  rows,
  columns,
  columns_omitted,
  duplicates,
  alarms,
  kind,
  target,
}: DataReport): string {
  const size =
    kind === "images"
      ? `The data are ${count(rows, "image")}.`
      : `The data have ${count(rows, "row")} and ${count(columns.length + columns_omitted, "column")}.`;
  const classes = target?.classes ?? [];
  const balance =
    classes.length > 0
      ? ` "${target?.name}" has ${count(classes.length, "class", "classes")}; the most frequent covers ${Math.round((100 * (classes[0]?.count ?? 0)) / Math.max(1, rows))} % of the rows.`
      : "";
  const copies =
    duplicates.rows > 0 ? ` ${count(duplicates.rows, "row is a copy", "rows are copies")} of another.` : "";
  const warnings = alarms.filter(({ severity }) => severity !== "info").slice(0, 4);
  const alarmed = warnings.map(({ message }) => ` Alarm: ${sentence(message)}`).join("");
  return `${size}${balance}${copies}${alarmed}`;
}

const WHY_METRIC: Readonly<Record<string, string>> = {
  accuracy: "it is the share of right answers, which is fair when the classes are about equally frequent",
  balanced_accuracy: "every class counts the same, however rare it is",
  macro_f1: "every class counts the same, and both misses and false alarms cost",
  f1: "it weighs misses against false alarms of the class in question",
  roc_auc: "it asks how well the ranking separates the two classes, whatever the threshold",
  log_loss: "it asks for honest probabilities",
  rmse: "large errors weigh more than small ones",
  mae: "every unit of error costs the same, so outliers do not rule",
  r2: "it tells the share of the variance that is explained",
};
const WHY_SPLIT: Readonly<Record<string, string>> = {
  stratified: "each part gets the same share of every class",
  random: "the rows have no order or groups that would leak",
  grouped: "rows of one group resemble each other and stay together",
  time: "the model will be used on later rows, so the newest are the test",
};

function describeTerms(proposal: NonNullable<DataReport["suggestion"]>): string {
  const { task_type, target, metric, split, exclude } = proposal as typeof proposal & {
    readonly metric?: string;
    readonly split?: { readonly kind: string; readonly column?: string };
    readonly exclude?: readonly { readonly column: string; readonly reason: string }[];
  };
  const parts = [`I propose a ${task_type} of "${target}".`];
  if (metric !== undefined) parts.push(`Metric: ${metric}${because(WHY_METRIC[metric])}.`);
  if (split !== undefined) {
    const by = split.column === undefined ? "" : ` by "${split.column}"`;
    parts.push(`Split: ${split.kind}${by}${because(WHY_SPLIT[split.kind])}.`);
  }
  for (const { column, reason } of (exclude ?? []).slice(0, 5)) {
    parts.push(`Left out: "${column}" (${reason.replace(/\.$/, "")}).`);
  }
  return parts.join(" ");
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : `, because ${reason}`;
}
