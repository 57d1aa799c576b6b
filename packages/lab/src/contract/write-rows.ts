import { produceDurably } from "@ml-intern/durable";
import { csvLine } from "../data/csv-rows.ts";
import type { Dataset, DatasetColumn } from "../data/dataset.ts";
import { sqlText } from "../data/duckdb.ts";
import { labelSql } from "../data/label-text.ts";
import { columnBatches } from "../data/tables-of.ts";
import type { CheckedTerms } from "./check-proposal.ts";
import type { Part } from "./split-rows.ts";

/** Cells that are in memory at one time. */
const cellsPerBlock = 200_000;

export interface WrittenRow {
  readonly rowId: string;
  readonly values: readonly (string | null)[];
}

/** The rows of one part, in order, as text: the features in their order and the target last. */
export async function* readPart(
  dataset: Dataset,
  { terms, part, signal }: { terms: CheckedTerms; part: Part; signal: AbortSignal },
): AsyncGenerator<WrittenRow[]> {
  const columns = [...terms.features.map(({ column }) => column), terms.target];
  const size = Math.max(100, Math.floor(cellsPerBlock / columns.length));
  const batches = columnBatches(columns, columns.length);
  for (let from = 1; ; from += size) {
    const block: { rowId: string; values: (string | null)[] }[] = [];
    for (const batch of batches) {
      const select = batch.map((column) => textSql(column, terms));
      const rows = await dataset.query(
        `SELECT s.row_id, ${select.map((sql, index) => `${sql} AS v${index}`).join(", ")} FROM (SELECT r, row_id, pos FROM split WHERE part = '${part}' AND pos BETWEEN ${from} AND ${from + size - 1}) s JOIN ${batch[0]?.table} d ON d.rowid = s.r ORDER BY s.pos`,
        { signal },
      );
      for (const [index, [rowId, ...values]] of rows.entries()) {
        const row = block[index] ?? { rowId: String(rowId), values: [] };
        block[index] = row;
        for (const value of values) row.values.push(value === null ? null : String(value));
      }
    }
    if (block.length > 0) yield block;
    if (block.length < size) return;
  }
}

function textSql(column: DatasetColumn, { target, classes }: CheckedTerms): string {
  return column === target && classes !== null ? labelSql(column) : `CAST(${column.id} AS VARCHAR)`;
}

/**
 * Lets DuckDB write the rows of one part itself, which is many times faster; null when they lie in more than one
 * of its tables and have to be put together first.
 */
export function copyPart(
  dataset: Dataset,
  {
    terms,
    part,
    header,
    signal,
  }: { terms: CheckedTerms; part: Part; header: readonly string[]; signal: AbortSignal },
): ((path: string) => Promise<void>) | null {
  const columns = [...terms.features.map(({ column }) => column), terms.target];
  const [first, ...others] = new Set(columns.map(({ table }) => table));
  if (others.length > 0) return null;
  const names = header.map((name) => `"${name.replaceAll('"', '""')}"`);
  const select = columns.map((column, index) => `${textSql(column, terms)} AS ${names[index + 1]}`);
  return async (path) => {
    await dataset.query(
      `COPY (SELECT s.row_id AS ${names[0]}, ${select.join(", ")} FROM split s JOIN ${first} d ON d.rowid = s.r WHERE s.part = '${part}' ORDER BY s.pos) TO ${sqlText(path)} (FORMAT csv, HEADER true, DELIMITER ',')`,
      { signal },
    );
  };
}

/** Writes a CSV of rows as they come. */
export async function writeRows(
  path: string,
  {
    header,
    rows,
    mode,
  }: {
    header: readonly string[];
    rows: AsyncIterable<readonly (readonly (string | null)[])[]>;
    mode: number;
  },
): Promise<void> {
  await produceDurably(path, {
    mode,
    fill: async (handle) => {
      await handle.writeFile(csvLine(header));
      for await (const block of rows) await handle.writeFile(block.map((row) => csvLine(row)).join(""));
    },
  });
}
