import type { DatasetColumn } from "./dataset.ts";

/** The FROM clause that brings the named columns of one row together; `rowid` is the first table's. */
export function tablesOf(columns: readonly DatasetColumn[]): { from: string; rowid: string } {
  const tables = [...new Set(columns.map(({ table }) => table))];
  const [first = "data_0", ...others] = tables;
  const joins = others.map((table) => ` JOIN ${table} ON ${table}.rowid = ${first}.rowid`);
  return { from: `${first}${joins.join("")}`, rowid: `${first}.rowid` };
}

/** The columns grouped by the table that holds them, each group cut to `size`. */
export function columnBatches(columns: readonly DatasetColumn[], size: number): DatasetColumn[][] {
  const batches: DatasetColumn[][] = [];
  for (const column of columns) {
    const last = batches.at(-1);
    if (last === undefined || last.length >= size || last[0]?.table !== column.table) batches.push([column]);
    else last.push(column);
  }
  return batches;
}
