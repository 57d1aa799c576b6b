import type { DatasetColumn } from "./dataset.ts";

/**
 * SQL for a label as the contract writes it: the value as text, whole numbers without a fraction whatever the
 * column's type, so that 3 and 3.0 are one class.
 */
export function labelSql({ id, type }: DatasetColumn): string {
  if (type !== "DOUBLE") return `CAST(${id} AS VARCHAR)`;
  return `CASE WHEN ${id} = floor(${id}) AND abs(${id}) < 9e15 THEN CAST(CAST(${id} AS BIGINT) AS VARCHAR) ELSE CAST(${id} AS VARCHAR) END`;
}
