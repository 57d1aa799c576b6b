import { csvLine } from "../data/csv-rows.ts";
import type { Dataset } from "../data/dataset.ts";
import { labelSql } from "../data/label-text.ts";
import { columnBatches } from "../data/tables-of.ts";
import { produceDurably } from "../files/write-durably.ts";
import type { CheckedTerms } from "./check-proposal.ts";
import type { Part } from "./split-rows.ts";

/** Cells that are in memory at one time. */
const cellsPerBlock = 500_000;

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
      const select = batch.map((column) =>
        column === terms.target && terms.classes !== null
          ? labelSql(column)
          : `CAST(${column.id} AS VARCHAR)`,
      );
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
