import type { Dataset } from "./dataset.ts";
import { type ColumnProfile, topValues } from "./profile-columns.ts";
import type { ColumnKind, ColumnReport, DataReport } from "./report.ts";

const mostColumns = 60;
const mostAlarmsOfAKind = 10;
const mostTopValues = 10;
const mostCharacters = 80;

/** Cuts a report over all columns down to a size that a person and a model can read, and says what it left out. */
export async function boundReport(
  report: DataReport,
  {
    dataset,
    profiles,
    signal,
  }: { dataset: Dataset; profiles: readonly ColumnProfile[]; signal: AbortSignal },
): Promise<DataReport> {
  const target = report.target?.name;
  const listed = new Set(profiles.slice(0, mostColumns).map(({ name }) => name));
  if (target !== undefined && !listed.has(target)) {
    listed.delete([...listed].at(-1) ?? "");
    listed.add(target);
  }
  const columns: ColumnReport[] = [];
  const omitted: Partial<Record<ColumnKind, number>> = {};
  for (const { column, ...profile } of profiles) {
    if (!listed.has(profile.name)) {
      omitted[profile.kind] = (omitted[profile.kind] ?? 0) + 1;
    } else if (profile.kind === "category" || profile.kind === "boolean") {
      const top = await topValues(dataset, { column, limit: mostTopValues, signal });
      columns.push({ ...profile, top: top.map(({ value, count }) => ({ value: cut(value), count })) });
    } else {
      columns.push(profile);
    }
  }
  return {
    ...report,
    columns,
    columns_omitted: profiles.length - columns.length,
    omitted_kinds: omitted,
    alarms: boundAlarms(report),
  };
}

function boundAlarms({ alarms }: DataReport): DataReport["alarms"] {
  const seen = new Map<string, number>();
  const kept = alarms.filter(({ kind }) => {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count <= mostAlarmsOfAKind;
  });
  const left = alarms.filter((alarm) => !kept.includes(alarm));
  const rest = [...new Set(left.map(({ kind }) => kind))].map((kind) => {
    const columns = left.filter((alarm) => alarm.kind === kind).flatMap((alarm) => alarm.columns);
    return {
      kind,
      severity: "warn" as const,
      columns: columns.slice(0, 20),
      message: `${columns.length} more columns raise the same alarm.`,
    };
  });
  return [...kept, ...rest];
}

function cut(value: string): string {
  return value.length > mostCharacters ? `${value.slice(0, mostCharacters)}…` : value;
}
