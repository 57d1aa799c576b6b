import type { Dataset, DatasetColumn, QueryValue } from "./dataset.ts";
import { labelSql } from "./label-text.ts";
import { classPower, quantityPower, rankCorrelation } from "./predictive-power.ts";
import type { ColumnProfile } from "./profile-columns.ts";
import type { Alarm } from "./report.ts";
import { columnBatches } from "./tables-of.ts";

/** Cells looked at, over all columns: wide tables are audited on fewer rows. */
const cells = 8_000_000;
const mostRows = 20_000;

/**
 * Finds columns that know the target: that determine it (nearly) alone on rows held out, copy it, or are filled
 * in for some of its values only. Such a column is usually written down after the fact that is to be predicted.
 */
export async function findLeaks(
  dataset: Dataset,
  {
    profiles,
    target,
    asClasses,
    signal,
  }: { profiles: readonly ColumnProfile[]; target: DatasetColumn; asClasses: boolean; signal: AbortSignal },
): Promise<Alarm[]> {
  const limit = Math.max(1000, Math.min(mostRows, Math.floor(cells / Math.max(1, profiles.length))));
  const every = Math.max(1, Math.ceil(dataset.rows / limit));
  const where = `WHERE rowid % ${every} = 0 ORDER BY rowid`;
  const expression = asClasses ? labelSql(target) : `CAST(${target.id} AS DOUBLE)`;
  const truths = await dataset.query(`SELECT ${expression} AS t FROM ${target.table} ${where}`, { signal });
  const kept = truths.flatMap(([value], row) =>
    value === null || value === undefined ? [] : [{ value, row }],
  );
  if (kept.length < 20) return [];
  const candidates = profiles.filter(
    ({ column, kind }) =>
      column.id !== target.id &&
      kind !== "empty" &&
      kind !== "constant" &&
      kind !== "text" &&
      kind !== "identifier",
  );
  const alarms: Alarm[] = [];
  for (const batch of columnBatches(
    candidates.map(({ column }) => column),
    16,
  )) {
    const select = batch.map(({ id, type }) =>
      type === "DATE" || type === "TIMESTAMP" ? `epoch(${id}) AS ${id}` : id,
    );
    const rows = await dataset.query(`SELECT ${select.join(", ")} FROM ${batch[0]?.table} ${where}`, {
      signal,
    });
    for (const [index, column] of batch.entries()) {
      const values = kept.map(({ row }) => rows[row]?.[index] ?? null);
      const found = asClasses
        ? classLeak(
            values,
            kept.map(({ value }) => String(value)),
          )
        : quantityLeak(
            values,
            kept.map(({ value }) => Number(value)),
          );
      if (found !== null) alarms.push(leakAlarm(column, { target, why: found }));
    }
    // Between batches other work of the process gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return alarms;
}

function leakAlarm(column: DatasetColumn, { target, why }: { target: DatasetColumn; why: string }): Alarm {
  const date = column.type === "DATE" || column.type === "TIMESTAMP" ? "a date that leaks: " : "";
  const message = `"${column.name}" knows "${target.name}" (${date}${why}). Unless it is known before the prediction is due, leave it out.`;
  return { kind: "leak", severity: "warn", columns: [column.name], message };
}

function classLeak(values: readonly QueryValue[], target: readonly string[]): string | null {
  const missing = missingnessLeak(values, target);
  if (missing !== null) return missing;
  const { accuracy, base } = classPower(values, target);
  if (base > 0.985 || (accuracy - base) / (1 - base) < 0.97) return null;
  return `alone it names the right class in ${percent(accuracy)} of the rows`;
}

function quantityLeak(values: readonly QueryValue[], target: readonly number[]): string | null {
  const correlation = rankCorrelation(values, target);
  if (Math.abs(correlation) >= 0.9999)
    return "it rises and falls with the target in every row, as a copy does";
  const power = quantityPower(values, target);
  return power >= 0.995 ? `alone it explains ${percent(power)} of the target's variance` : null;
}

/** A column that is filled in for some classes and practically never for another. */
function missingnessLeak(values: readonly QueryValue[], target: readonly string[]): string | null {
  const counts = new Map<string, { rows: number; filled: number }>();
  let filled = 0;
  for (const [row, label] of target.entries()) {
    const box = counts.get(label) ?? { rows: 0, filled: 0 };
    const present = values[row] === null ? 0 : 1;
    filled += present;
    counts.set(label, { rows: box.rows + 1, filled: box.filled + present });
  }
  const overall = filled / target.length;
  if (overall === 0 || overall === 1) return null;
  const rates = [...counts].map(([label, box]) => ({ label, ...box, rate: box.filled / box.rows }));
  for (const { label, rows, rate } of rates) {
    const others = rates.filter((other) => other.label !== label && other.rows >= 10);
    const byRate = others.sort((a, b) => a.rate - b.rate);
    const least = byRate[0];
    const most = byRate.at(-1);
    if (least === undefined || most === undefined) continue;
    if (rate <= 0.02 && most.rate >= 0.1 && rows * overall >= 10) {
      return `it is filled in for ${percent(most.rate)} of the rows with "${most.label}" but practically never for "${label}"`;
    }
    if (rate >= 0.98 && least.rate <= 0.5 && rows * (1 - overall) >= 10) {
      return `it is filled in for practically all rows with "${label}" but for ${percent(least.rate)} of those with "${least.label}"`;
    }
  }
  return null;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
