import type { Dataset } from "./dataset.ts";
import { columnBatches } from "./tables-of.ts";

/** How many of the first rows are shown, and therefore never sealed. */
export const sampledRows = 5;
const mostColumns = 60;
const mostCharacters = 200;

/** The first rows as records; long texts are cut, and wide rows end after sixty columns. */
export async function readSamples(
  dataset: Dataset,
  { signal }: { signal: AbortSignal },
): Promise<Record<string, unknown>[]> {
  const samples: Record<string, unknown>[] = Array.from(
    { length: Math.min(sampledRows, dataset.rows) },
    () => ({}),
  );
  for (const batch of columnBatches(dataset.columns.slice(0, mostColumns), mostColumns)) {
    const select = batch.map(({ id }) => id).join(", ");
    const rows = await dataset.query(
      `SELECT ${select} FROM ${batch[0]?.table} WHERE rowid < ${sampledRows} ORDER BY rowid`,
      { signal },
    );
    for (const [index, row] of rows.entries()) {
      const sample = samples[index] ?? {};
      for (const [at, { name }] of batch.entries()) sample[name] = shorten(row[at] ?? null);
    }
  }
  return samples;
}

function shorten(value: unknown): unknown {
  return typeof value === "string" && value.length > mostCharacters
    ? `${value.slice(0, mostCharacters)}…`
    : value;
}
