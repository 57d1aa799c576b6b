import type { Dataset, DatasetColumn } from "./dataset.ts";
import { contentColumns, fingerprintRows } from "./fingerprint-rows.ts";
import type { ColumnProfile } from "./profile-columns.ts";
import type { Alarm } from "./report.ts";

/** Counts the rows that repeat an earlier one (identifiers aside), and the equal rows that differ in the target. */
export async function findDuplicates(
  dataset: Dataset,
  {
    profiles,
    target,
    asClasses,
    signal,
  }: {
    profiles: readonly ColumnProfile[];
    target: DatasetColumn | null;
    asClasses: boolean;
    signal: AbortSignal;
  },
): Promise<{ rows: number; alarms: Alarm[] }> {
  const informative = profiles
    .filter(
      ({ kind, column }) =>
        (kind !== "identifier" || dataset.kind === "images") && kind !== "empty" && column.id !== target?.id,
    )
    .map(({ column }) => column);
  const features = contentColumns(dataset, informative);
  if (features.length === 0) return { rows: 0, alarms: [] };
  const conflicts =
    target === null || !asClasses ? 0 : await countConflicts(dataset, { features, target, signal });
  await fingerprintRows(dataset, {
    columns: target === null ? features : [...features, target],
    into: "rows_all",
    signal,
  });
  const [[distinct = 0] = []] = await dataset.query("SELECT count(DISTINCT h) FROM rows_all", { signal });
  await dataset.query("DROP TABLE rows_all", { signal });
  const rows = dataset.rows - Number(distinct);
  const alarms: Alarm[] = [];
  if (rows > 0) {
    const message = `${rows} of ${dataset.rows} rows repeat an earlier row. Equal rows always stay on the same side of the split.`;
    alarms.push({
      kind: "duplicate_rows",
      severity: rows > dataset.rows / 10 ? "warn" : "info",
      columns: [],
      message,
    });
  }
  if (conflicts > 0) {
    const message = `${conflicts} rows have the same features as another row and a different "${target?.name}": no model can get all of them right.`;
    alarms.push({
      kind: "conflicting_labels",
      severity: conflicts > dataset.rows / 100 ? "warn" : "info",
      columns: [target?.name ?? ""],
      message,
    });
  }
  return { rows, alarms };
}

async function countConflicts(
  dataset: Dataset,
  {
    features,
    target,
    signal,
  }: { features: readonly DatasetColumn[]; target: DatasetColumn; signal: AbortSignal },
): Promise<number> {
  await fingerprintRows(dataset, { columns: features, into: "rows_features", signal });
  const sql = `SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM rows_features f JOIN ${target.table} t ON f.r = t.rowid WHERE t.${target.id} IS NOT NULL GROUP BY f.h HAVING count(DISTINCT t.${target.id}) > 1)`;
  const [[rows = 0] = []] = await dataset.query(sql, { signal });
  await dataset.query("DROP TABLE rows_features", { signal });
  return Number(rows);
}
