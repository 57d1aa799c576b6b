import type { ColumnReport, DataReport } from "../data/report.ts";
import type { ContractProposal, Exclusion, InputKind, MetricName, TaskType } from "./contract.ts";
import { guessTarget } from "./guess-target.ts";
import { guessTaskType } from "./guess-task-type.ts";
import { isPixelTable } from "./is-pixel-table.ts";
import { readTaskWords, type TaskWords } from "./task-words.ts";

const mostExclusions = 60;

/**
 * Proposes terms from the report and the words of the task, deterministically.
 * Null when no column can be taken for the target.
 */
export function suggestContract(report: DataReport, task: string, target?: string): ContractProposal | null {
  const name = guessTarget(report.columns, task, target);
  const column = report.columns.find((other) => other.name === name);
  if (column === undefined || column.kind === "empty" || column.kind === "constant") return null;
  const words = readTaskWords(task);
  const taskType = guessTaskType(column, task);
  const features = report.columns.filter((other) => other.name !== column.name);
  const input = inputKind(report, features, words);
  const excluded = exclusions(report, { features, input });
  const split = splitOf(report, { taskType, words, excluded });
  const textColumn = input === "text" ? mainText(features) : undefined;
  const positive = taskType === "classification" ? positiveClass(report, column.name) : undefined;
  return {
    task_type: taskType,
    input_kind: input,
    target: column.name,
    metric: metricOf(report, { column, taskType, words }),
    ...(positive === undefined ? {} : { positive_class: positive }),
    ...(excluded.length === 0 ? {} : { exclude: excluded }),
    ...(textColumn === undefined ? {} : { text_column: textColumn }),
    split,
    ...(words.targetValue === null ? {} : { target_value: words.targetValue }),
  };
}

function inputKind(report: DataReport, features: readonly ColumnReport[], words: TaskWords): InputKind {
  if (report.kind === "images") return "image";
  if (isPixelTable(features, { expected: words.images })) return "image";
  const texts = features.filter(({ kind }) => kind === "text");
  const others = features.filter(
    ({ kind }) => kind === "number" || kind === "category" || kind === "boolean" || kind === "date",
  );
  return texts.length > 0 && others.length <= 2 ? "text" : "tabular";
}

const textName =
  /text|message|review|comment|body|content|sentence|tweet|description|document|article|post|question|title|headline/i;

function mainText(features: readonly ColumnReport[]): string | undefined {
  const texts = features.filter(({ kind }) => kind === "text");
  return (texts.find(({ name }) => textName.test(name)) ?? texts[0])?.name;
}

function exclusions(
  report: DataReport,
  { features, input }: { features: readonly ColumnReport[]; input: InputKind },
): Exclusion[] {
  if (report.kind === "images") return [];
  const leaks = new Map<string, string>();
  for (const alarm of report.alarms) {
    if (alarm.kind === "leak") for (const column of alarm.columns) leaks.set(column, alarm.message);
  }
  const reasons = features.flatMap(({ name, kind }): Exclusion[] => {
    const leak = leaks.get(name);
    if (leak !== undefined) return [{ column: name, reason: `Leak: ${leak}` }];
    if (kind === "identifier")
      return [{ column: name, reason: "It tells rows apart and says nothing about new ones." }];
    if (kind === "empty") return [{ column: name, reason: "It is empty." }];
    // The pixels of a dark corner are constant, but without them the picture has no shape.
    if (kind === "constant" && input !== "image")
      return [{ column: name, reason: "It has the same value in every row." }];
    return [];
  });
  // A toy task may consist of its "leak" alone: then there is nothing else to learn from.
  if (reasons.length < features.length) return reasons.slice(0, mostExclusions);
  return reasons.filter(({ column }) => !leaks.has(column)).slice(0, mostExclusions);
}

function splitOf(
  report: DataReport,
  { taskType, words, excluded }: { taskType: TaskType; words: TaskWords; excluded: readonly Exclusion[] },
): NonNullable<ContractProposal["split"]> {
  const leaking = new Set(
    excluded.filter(({ reason }) => reason.startsWith("Leak")).map(({ column }) => column),
  );
  const ordered = report.alarms.find(
    ({ kind, columns }) => kind === "time_order" && !columns.some((name) => leaking.has(name)),
  )?.columns[0];
  const date = report.columns.find(
    ({ kind, missing, name }) => kind === "date" && missing <= report.rows / 20 && !leaking.has(name),
  )?.name;
  const time = ordered ?? (words.forecast ? date : undefined);
  if (time !== undefined) return { kind: "time", column: time };
  const group = report.alarms.find(({ kind }) => kind === "group")?.columns[0];
  if (group !== undefined) return { kind: "grouped", column: group };
  return { kind: taskType === "classification" ? "stratified" : "random" };
}

function metricOf(
  report: DataReport,
  { column, taskType, words }: { column: ColumnReport; taskType: TaskType; words: TaskWords },
): MetricName {
  const regression = words.metric === "rmse" || words.metric === "mae" || words.metric === "r2";
  const binary = column.distinct === 2;
  if (words.metric !== null && regression === (taskType === "regression")) {
    if (words.metric === "f1_any") return binary ? "f1" : "macro_f1";
    return words.metric;
  }
  if (taskType === "regression") return "rmse";
  const counts =
    report.target?.name === column.name ? (report.target.classes ?? []).map(({ count }) => count) : [];
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(0, ...counts);
  if (total === 0) return "accuracy";
  if (binary) return most / total <= 0.7 ? "accuracy" : "roc_auc";
  return most / total > 0.6 || most / Math.min(...counts) > 10 ? "macro_f1" : "accuracy";
}

const positiveNames = new Set([
  "1",
  "true",
  "wahr",
  "yes",
  "ja",
  "oui",
  "sí",
  "si",
  "sim",
  "是",
  "y",
  "t",
  "positive",
  "positiv",
  "pos",
  "spam",
  "malignant",
  "m",
  "bad",
  "fraud",
  "churn",
  "churned",
  "survived",
  "default",
]);

function positiveClass(report: DataReport, target: string): string | undefined {
  const classes = report.target?.name === target ? report.target.classes : null;
  if (classes?.length !== 2) return undefined;
  const usual = classes.filter(({ value }) => positiveNames.has(value.toLowerCase()));
  return usual.length === 1 ? usual[0]?.value : classes[1]?.value;
}
