import { findColumn, guessTarget, similarNames } from "../contract/guess-target.ts";
import { guessTaskType } from "../contract/guess-task-type.ts";
import { suggestContract } from "../contract/suggest-contract.ts";
import { LabError } from "../lab-error.ts";
import { boundReport } from "./bound-report.ts";
import { columnAlarms } from "./column-alarms.ts";
import type { Dataset } from "./dataset.ts";
import { describeTarget } from "./describe-target.ts";
import { findDuplicates } from "./find-duplicates.ts";
import { findLeaks } from "./find-leaks.ts";
import { findTimeOrder } from "./find-time-order.ts";
import { type ColumnProfile, profileColumns } from "./profile-columns.ts";
import { readSamples } from "./read-samples.ts";
import type { Alarm, ColumnReport, DataReport, TargetReport } from "./report.ts";

export interface InspectOptions {
  readonly target?: string;
  readonly task?: string;
  readonly signal?: AbortSignal;
}

/** The newest inspection of each dataset. They make tables of the same names, so they take turns. */
const newest = new WeakMap<Dataset, Promise<unknown>>();

/**
 * Describes and audits a dataset. The report is bounded in size, and the same for the same data and options.
 * A `target` that the data do not have is `contract/target_missing`. May be called again before it has ended.
 */
export async function inspectDataset(dataset: Dataset, options: InspectOptions = {}): Promise<DataReport> {
  const next = (): Promise<DataReport> => inspect(dataset, options);
  const report = (newest.get(dataset) ?? Promise.resolve()).then(next, next);
  newest.set(dataset, report);
  return await report;
}

async function inspect(
  dataset: Dataset,
  { target, task = "", signal = new AbortController().signal }: InspectOptions,
): Promise<DataReport> {
  const profiles = await profileColumns(dataset, { signal });
  if (target !== undefined) requireColumn(dataset, target);
  const name = guessTarget(profiles, task, target);
  const profile = profiles.find((other) => other.name === name);
  const audit = await auditTarget(dataset, { profiles, profile, task, signal });
  const full: DataReport = {
    path: dataset.path,
    kind: dataset.kind,
    format: dataset.format,
    rows: dataset.rows,
    columns: profiles.map(toReport),
    columns_omitted: 0,
    omitted_kinds: {},
    duplicates: { rows: audit.duplicates },
    target: audit.target,
    alarms: [
      ...dataset.alarms,
      ...columnAlarms(profiles, { rows: dataset.rows, target: name }),
      ...audit.alarms,
    ],
    suggestion: null,
    samples: await readSamples(dataset, { signal }),
  };
  const suggestion = name === null ? null : suggestContract(full, task, name);
  return await boundReport({ ...full, suggestion }, { dataset, profiles, signal });
}

/** The column of that name, or an error that says which ones there are. */
export function requireColumn(dataset: Pick<Dataset, "path" | "columns">, name: string): string {
  const found = findColumn(dataset.columns, name);
  if (found !== null) return found;
  const similar = similarNames(dataset.columns, name);
  const shown = (
    similar.length > 0 ? similar : dataset.columns.slice(0, 20).map((column) => column.name)
  ).map((column) => `"${column}"`);
  throw new LabError("contract/target_missing", `${dataset.path} has no column "${name}".`, {
    mend:
      similar.length > 0
        ? `Did you mean ${shown.join(" or ")}?`
        : `Its columns are ${shown.join(", ")}${dataset.columns.length > 20 ? ", …" : ""}.`,
  });
}

async function auditTarget(
  dataset: Dataset,
  {
    profiles,
    profile,
    task,
    signal,
  }: {
    profiles: readonly ColumnProfile[];
    profile: ColumnProfile | undefined;
    task: string;
    signal: AbortSignal;
  },
): Promise<{ target: TargetReport | null; alarms: Alarm[]; duplicates: number }> {
  if (profile === undefined) {
    const { rows, alarms } = await findDuplicates(dataset, {
      profiles,
      target: null,
      asClasses: false,
      signal,
    });
    const message =
      'No column can be taken for the target. Name it in the task, as in "predict COLUMN", or with --target COLUMN.';
    return {
      target: null,
      duplicates: rows,
      alarms: [...alarms, { kind: "target", severity: "stop", columns: [], message }],
    };
  }
  const taskType = guessTaskType(profile, task);
  const asClasses = taskType === "classification";
  const { target, alarms } = await describeTarget(dataset, { profile, taskType, signal });
  const duplicates = await findDuplicates(dataset, { profiles, target: profile.column, asClasses, signal });
  const audited = [...alarms, ...duplicates.alarms];
  if (dataset.kind === "images" || profile.kind === "empty" || profile.kind === "constant") {
    return { target, alarms: audited, duplicates: duplicates.rows };
  }
  const leaks = await findLeaks(dataset, { profiles, target: profile.column, asClasses, signal });
  const order = await findTimeOrder(dataset, {
    profiles,
    target: profile.column,
    classes: target.classes,
    signal,
  });
  return { target, alarms: [...audited, ...leaks, ...order], duplicates: duplicates.rows };
}

function toReport({ column: _, ...report }: ColumnProfile): ColumnReport {
  return report;
}
