import { isGroupName } from "./column-kind.ts";
import type { ColumnProfile } from "./profile-columns.ts";
import type { Alarm, AlarmKind, ColumnKind } from "./report.ts";

const mostNamed = 20;

/** The alarms that follow from single columns: useless ones, and those by which rows belong together. */
export function columnAlarms(
  profiles: readonly ColumnProfile[],
  { rows, target }: { rows: number; target: string | null },
): Alarm[] {
  const features = profiles.filter(({ name }) => name !== target);
  const named = (kind: ColumnKind): string[] =>
    features.filter((profile) => profile.kind === kind).map(({ name }) => name);
  const groups = features.filter(
    ({ name, distinct, missing, kind }) =>
      isGroupName(name) &&
      (kind === "identifier" || kind === "category" || kind === "number") &&
      missing <= rows / 20 &&
      distinct >= 10 &&
      rows / distinct >= 2,
  );
  return [
    ...about("empty_column", named("empty"), "without any value; nothing can be learnt from it"),
    ...about(
      "constant_column",
      named("constant"),
      "with the same value in every row; nothing can be learnt from it",
    ),
    ...about(
      "identifier",
      named("identifier"),
      "that only tells rows apart; a model would learn it by heart",
    ),
    ...about(
      "group",
      groups.map(({ name }) => name),
      "by which rows belong together; a grouped split keeps them on one side",
    ),
  ];
}

function about(kind: AlarmKind, columns: readonly string[], what: string): Alarm[] {
  if (columns.length === 0) return [];
  const shown = columns
    .slice(0, 5)
    .map((name) => `"${name}"`)
    .join(", ");
  const more = columns.length > 5 ? ` and ${columns.length - 5} more` : "";
  const severity = kind === "empty_column" ? "warn" : "info";
  const count = columns.length === 1 ? "A column" : `${columns.length} columns`;
  return [
    { kind, severity, columns: columns.slice(0, mostNamed), message: `${count} ${what}: ${shown}${more}.` },
  ];
}
