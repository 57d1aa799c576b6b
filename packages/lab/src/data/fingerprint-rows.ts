import type { Dataset, DatasetColumn } from "./dataset.ts";
import { columnBatches } from "./tables-of.ts";

/**
 * Creates the table `into (r, h)`: for each row number a digest of the row's values in the given columns, equal
 * for equal rows (and for others once in 10^19). The digest depends on the values only, so it is the same on every machine.
 */
export async function fingerprintRows(
  dataset: Dataset,
  { columns, into, signal }: { columns: readonly DatasetColumn[]; into: string; signal: AbortSignal },
): Promise<void> {
  await dataset.query(`DROP TABLE IF EXISTS ${into}`, { signal });
  if (columns.length === 0) {
    await dataset.query(
      `CREATE TABLE ${into} AS SELECT rowid AS r, CAST(rowid AS UBIGINT) AS h FROM data_0`,
      { signal },
    );
    return;
  }
  const batches = columnBatches(columns, columns.length);
  for (const [index, batch] of batches.entries()) {
    const source = batch[0]?.table ?? "data_0";
    const values = batch.map(({ id }) => `coalesce(CAST(${id} AS VARCHAR), chr(1))`);
    const digest = `md5_number_lower(concat_ws(chr(31), ${values.join(", ")}))`;
    const part = `SELECT rowid AS r, ${digest} AS h FROM ${source}`;
    const previous = `${into}_${index - 1}`;
    const name = index === batches.length - 1 ? into : `${into}_${index}`;
    const sql =
      index === 0
        ? part
        : `SELECT a.r, md5_number_lower(a.h || '|' || b.h) AS h FROM ${previous} a JOIN (${part}) b ON a.r = b.r`;
    await dataset.query(`CREATE TABLE ${name} AS ${sql}`, { signal });
    if (index > 0) await dataset.query(`DROP TABLE ${previous}`, { signal });
  }
}

/** The columns by which two rows count as the same: for images the content of the file, not its name. */
export function contentColumns(dataset: Dataset, columns: readonly DatasetColumn[]): DatasetColumn[] {
  if (dataset.kind === "table") return [...columns];
  const digest: DatasetColumn = { id: "digest", table: "data_0", name: "digest", type: "VARCHAR" };
  return columns.map((column) => (column.id === "c0" ? digest : column));
}
