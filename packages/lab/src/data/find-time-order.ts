import type { Dataset, DatasetColumn } from "./dataset.ts";
import { labelSql } from "./label-text.ts";
import type { ColumnProfile } from "./profile-columns.ts";
import type { Alarm, ValueCount } from "./report.ts";
import { tablesOf } from "./tables-of.ts";

const mostRows = 20_000;

/**
 * Finds dates along which the target drifts or follows itself: there a random split would let a model look into
 * the future, and a split by time is the honest one.
 */
export async function findTimeOrder(
  dataset: Dataset,
  options: {
    profiles: readonly ColumnProfile[];
    target: DatasetColumn;
    classes: readonly ValueCount[] | null;
    signal: AbortSignal;
  },
): Promise<Alarm[]> {
  const { profiles, target, classes, signal } = options;
  const dates = profiles.filter(
    ({ kind, missing, distinct, column }) =>
      kind === "date" && column.id !== target.id && missing <= dataset.rows / 20 && distinct >= 10,
  );
  const value =
    classes === null
      ? `CAST(${target.id} AS DOUBLE)`
      : `CASE WHEN ${labelSql(target)} = '${(classes[0]?.value ?? "").replaceAll("'", "''")}' THEN 1.0 ELSE 0.0 END`;
  const alarms: Alarm[] = [];
  for (const { column } of dates) {
    const { from, rowid } = tablesOf([column, target]);
    const present = `${column.id} IS NOT NULL AND ${target.id} IS NOT NULL`;
    const rows = await dataset.query(
      `SELECT y FROM (SELECT ${value} AS y, ${column.id} AS d, ${rowid} AS r FROM ${from} WHERE ${present} ORDER BY d DESC, r DESC LIMIT ${mostRows}) ORDER BY d, r`,
      { signal },
    );
    const why = describeOrder(rows.map(([y]) => Number(y)));
    if (why === null) continue;
    const message = `Along "${column.name}" ${why}: split by time, so that the test is the newest part.`;
    alarms.push({ kind: "time_order", severity: "warn", columns: [column.name], message });
  }
  return alarms;
}

function describeOrder(y: readonly number[]): string | null {
  if (y.length < 40) return null;
  const follows = lagOne(y);
  if (follows > Math.max(0.3, 4 / Math.sqrt(y.length))) {
    return `the target follows its own past (correlation ${follows.toFixed(2)} from row to row)`;
  }
  const cut = Math.floor(y.length * 0.8);
  const [old, young] = [y.slice(0, cut), y.slice(cut)];
  const spread = deviation(y);
  const shift = mean(young) - mean(old);
  const error = spread * Math.sqrt(1 / old.length + 1 / young.length);
  if (spread === 0 || Math.abs(shift) < 0.3 * spread || Math.abs(shift) < 4 * error) return null;
  return `the target drifts (the newest fifth lies ${(shift / spread).toFixed(2)} standard deviations from the rest)`;
}

function lagOne(y: readonly number[]): number {
  const centre = mean(y);
  let product = 0;
  let squares = 0;
  for (const [index, value] of y.entries()) {
    squares += (value - centre) ** 2;
    const next = y[index + 1];
    if (next !== undefined) product += (value - centre) * (next - centre);
  }
  return squares === 0 ? 0 : product / squares;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
