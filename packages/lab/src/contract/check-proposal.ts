import type { Dataset, DatasetColumn } from "../data/dataset.ts";
import { requireColumn } from "../data/inspect-dataset.ts";
import { labelSql } from "../data/label-text.ts";
import { minimumRows } from "../data/limits.ts";
import type { ColumnKind, ColumnReport } from "../data/report.ts";
import { LabError } from "../lab-error.ts";
import type { ContractProposal, Exclusion, MetricName, SplitKind } from "./contract.ts";
import { requireMetric } from "./metric-terms.ts";

/** A proposal that the data bear out, with everything decided that it left open. */
export interface CheckedTerms {
  readonly target: DatasetColumn;
  /** Sorted: whole numbers by value, all else by text. Null for a quantity. */
  readonly classes: readonly string[] | null;
  readonly positiveClass: string | null;
  readonly metric: MetricName;
  readonly features: readonly { readonly column: DatasetColumn; readonly kind: ColumnKind }[];
  readonly excluded: readonly Exclusion[];
  readonly textColumn: string | null;
  readonly split: { readonly kind: SplitKind; readonly column: DatasetColumn | null };
  readonly labelled: number;
}

/** Holds a proposal against the data. Whatever does not fit is a LabError that names the cause and the mend. */
export async function checkProposal(
  proposal: ContractProposal,
  { dataset, columns, signal }: { dataset: Dataset; columns: readonly ColumnReport[]; signal: AbortSignal },
): Promise<CheckedTerms> {
  const find = (name: string): DatasetColumn => {
    const found = requireColumn(dataset, name);
    return dataset.columns.find((column) => column.name === found) as DatasetColumn;
  };
  const target = find(proposal.target);
  const report = columns.find(({ name }) => name === target.name);
  const labelled = dataset.rows - (report?.missing ?? 0);
  refuseTarget(target, { report, labelled });
  const classes =
    proposal.task_type === "classification" ? await readClasses(dataset, { target, labelled, signal }) : null;
  if (classes === null) refuseWords(target);
  const metric = requireMetric(proposal, { classes, target: target.name });
  const positiveClass = choosePositive(proposal, classes);
  const split = checkSplit(proposal, { find, classes, metric });
  const excluded = exclusions(proposal, { columns, target, split: split.column, find });
  const out = new Set(excluded.map(({ column }) => column));
  const features = dataset.columns
    .filter(({ name }) => name !== target.name && !out.has(name))
    .map((column) => ({
      column,
      kind: columns.find(({ name }) => name === column.name)?.kind ?? "category",
    }));
  if (features.length === 0) {
    throw invalid(
      `Nothing is left to predict "${target.name}" from: every other column is excluded.`,
      "Exclude fewer columns.",
    );
  }
  const textColumn = checkInput(proposal, { dataset, features, find });
  return { target, classes, positiveClass, metric, features, excluded, textColumn, split, labelled };
}

function refuseTarget(
  target: DatasetColumn,
  { report, labelled }: { report: ColumnReport | undefined; labelled: number },
): void {
  if (report?.kind === "empty" || (report?.distinct ?? 0) <= 1) {
    const values = labelled === 0 ? "has no value in any row" : "has the same value in every row";
    throw new LabError(
      "contract/target_constant",
      `The target "${target.name}" ${values}, so there is nothing to predict.`,
      {
        mend: "Name another column as the target, or bring data in which it varies.",
      },
    );
  }
  if (labelled < minimumRows) {
    throw invalid(
      `Only ${labelled} rows have a value of "${target.name}"; at least ${minimumRows} are needed.`,
      "Fill in more of them, or name another target.",
    );
  }
}

function refuseWords(target: DatasetColumn): void {
  if (target.type === "BIGINT" || target.type === "DOUBLE") return;
  throw invalid(
    `"${target.name}" is no number, so it cannot be the target of a regression.`,
    'Propose task_type "classification", or a target that is a number.',
  );
}

async function readClasses(
  dataset: Dataset,
  { target, labelled, signal }: { target: DatasetColumn; labelled: number; signal: AbortSignal },
): Promise<string[]> {
  const rows = await dataset.query(
    `SELECT ${labelSql(target)} AS label, count(*) AS n FROM ${target.table} WHERE ${target.id} IS NOT NULL GROUP BY 1 ORDER BY 2, 1`,
    { signal },
  );
  const classes = rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
  if (classes.length > 1000 || (classes.length > 50 && classes.length > labelled / 5)) {
    const numeric = target.type === "BIGINT" || target.type === "DOUBLE";
    throw invalid(
      `"${target.name}" has ${classes.length} different values in ${labelled} rows: those are no classes.`,
      numeric
        ? 'Propose task_type "regression".'
        : "Name another target, or merge its values into fewer classes.",
    );
  }
  const rare = classes.filter(({ count }) => count === 1);
  if (rare.length > 0) {
    const shown = rare
      .slice(0, 10)
      .map(({ value }) => `"${value}"`)
      .join(", ");
    throw new LabError(
      "contract/rare_class",
      `${rare.length === 1 ? "A class" : `${rare.length} classes`} of "${target.name}" ${rare.length === 1 ? "has" : "have"} a single row: ${shown}${rare.length > 10 ? ", …" : ""}.`,
      {
        mend: "A class cannot be both learnt and tested on one row. Leave these rows out, merge their classes, or bring more of them.",
      },
    );
  }
  return classes.map(({ value }) => value).sort(byValue);
}

/** Whole numbers by value, before anything else by text. */
function byValue(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isFinite(x) && Number.isFinite(y) && x !== y) return x - y;
  return a < b ? -1 : a > b ? 1 : 0;
}

function choosePositive(
  { positive_class: wanted }: ContractProposal,
  classes: readonly string[] | null,
): string | null {
  if (wanted !== undefined && classes === null)
    throw invalid("A regression has no positive class.", "Leave positive_class out.");
  if (wanted !== undefined && !classes?.includes(wanted)) {
    const near = classes?.find(
      (value) => value.toLowerCase() === wanted.toLowerCase() || Number(value) === Number(wanted),
    );
    if (near !== undefined && classes?.length === 2) return near;
    throw invalid(
      `"${wanted}" is none of the classes.`,
      `The classes are ${classes
        ?.slice(0, 20)
        .map((value) => `"${value}"`)
        .join(", ")}.`,
    );
  }
  if (classes?.length !== 2) return null;
  return wanted ?? classes[1] ?? null;
}

function checkSplit(
  { split, task_type }: ContractProposal,
  {
    find,
    classes,
    metric,
  }: { find: (name: string) => DatasetColumn; classes: readonly string[] | null; metric: MetricName },
): CheckedTerms["split"] {
  const kind = split?.kind ?? (task_type === "classification" ? "stratified" : "random");
  if (kind === "stratified" && classes === null) {
    throw invalid(
      `A regression (${metric}) cannot be split by class.`,
      'Propose the split "random", "grouped" or "time".',
    );
  }
  if (kind === "stratified" || kind === "random") return { kind, column: null };
  if (split?.column === undefined)
    throw invalid(
      `The split "${kind}" needs a column.`,
      `Name the ${kind === "time" ? "date" : "group"} column in split.column.`,
    );
  const column = find(split.column);
  if (
    kind === "time" &&
    column.type !== "DATE" &&
    column.type !== "TIMESTAMP" &&
    column.type !== "BIGINT" &&
    column.type !== "DOUBLE"
  ) {
    throw invalid(
      `"${column.name}" is neither a date nor a number, so it puts rows in no order of time.`,
      "Name a date column, or another kind of split.",
    );
  }
  return { kind, column };
}

function exclusions(
  { exclude = [] }: ContractProposal,
  {
    columns,
    target,
    split,
    find,
  }: {
    columns: readonly ColumnReport[];
    target: DatasetColumn;
    split: DatasetColumn | null;
    find: (name: string) => DatasetColumn;
  },
): Exclusion[] {
  const reasons = new Map<string, string>();
  for (const { column, reason } of exclude) {
    const { name } = find(column);
    if (name === target.name)
      throw invalid(`"${name}" is the target and cannot be excluded.`, "Take it out of exclude.");
    reasons.set(name, reason);
  }
  for (const { name, kind } of columns) {
    if (kind === "empty" && name !== target.name && !reasons.has(name)) reasons.set(name, "It is empty.");
  }
  const group = columns.find(
    ({ name, kind }) => name === split?.name && (kind === "identifier" || kind === "category"),
  );
  if (group !== undefined && !reasons.has(group.name))
    reasons.set(group.name, "It groups the rows of the split; a new group has another value.");
  return [...reasons].map(([column, reason]) => ({ column, reason }));
}

function checkInput(
  proposal: ContractProposal,
  {
    dataset,
    features,
    find,
  }: { dataset: Dataset; features: CheckedTerms["features"]; find: (name: string) => DatasetColumn },
): string | null {
  const kind = proposal.input_kind;
  if (dataset.kind === "images" && kind !== "image")
    throw invalid('A folder of images needs input_kind "image".', 'Propose input_kind "image".');
  if (kind === "image" && dataset.kind === "table") {
    const word = features.find(({ column }) => column.type !== "BIGINT" && column.type !== "DOUBLE");
    if (word !== undefined)
      throw invalid(
        `"${word.column.name}" is no pixel: it holds no numbers.`,
        'Exclude it, or propose input_kind "tabular".',
      );
  }
  if (kind !== "text") return null;
  const texts = features.filter((feature) => feature.kind === "text");
  const name = proposal.text_column === undefined ? texts[0]?.column.name : find(proposal.text_column).name;
  if (name === undefined)
    throw invalid('input_kind "text" needs a column of text.', "Name it in text_column.");
  const chosen = features.find(({ column }) => column.name === name);
  if (chosen === undefined)
    throw invalid(`The text column "${name}" is excluded or the target.`, "Name another text_column.");
  if (chosen.column.type !== "VARCHAR")
    throw invalid(`"${name}" holds no text.`, "Name another text_column.");
  return name;
}

function invalid(message: string, mend: string): LabError {
  return new LabError("contract/invalid", message, { mend });
}
