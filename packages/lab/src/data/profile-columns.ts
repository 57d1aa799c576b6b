import { columnKind } from "./column-kind.ts";
import type { Dataset, DatasetColumn, QueryRow } from "./dataset.ts";
import type { ColumnReport, ValueCount } from "./report.ts";
import { columnBatches } from "./tables-of.ts";

/** Up to here distinct values are counted exactly; above, only where the exact number decides something. */
export const exactRows = 200_000;

const numeric = new Set(["BIGINT", "DOUBLE"]);
const perStatement = 8;
/** What is not of a script without spaces. */
const spaced = "[^\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}]+";

/** A column's report together with its place in the database. */
export interface ColumnProfile extends ColumnReport {
  readonly column: DatasetColumn;
}

/** Describes every column of a dataset; the values of categories are left to `topValues`. */
export async function profileColumns(
  dataset: Dataset,
  { signal }: { signal: AbortSignal },
): Promise<ColumnProfile[]> {
  const exact = dataset.rows <= exactRows;
  const profiles: ColumnProfile[] = [];
  for (const batch of columnBatches(dataset.columns, perStatement)) {
    const selects = batch.flatMap((column) => statistics(column, exact));
    const [row = []] = await dataset.query(
      `SELECT ${selects.join(", ")} FROM ${batch[0]?.table ?? "data_0"}`,
      { signal },
    );
    for (const [index, column] of batch.entries()) {
      const counted = row.slice(index * statisticsPerColumn, (index + 1) * statisticsPerColumn);
      const filled = Number(counted[0]);
      const about = Number(counted[1]);
      // Near all and near nothing, an estimate could make an identifier of a number, or the reverse.
      const decisive = !exact && (about < 2000 || about > 0.85 * filled);
      const distinct = decisive ? await countDistinct(dataset, { column, signal }) : Math.min(about, filled);
      profiles.push(toProfile(dataset, { column, counted, distinct }));
    }
  }
  return profiles;
}

const statisticsPerColumn = 8;

function statistics({ id, type }: DatasetColumn, exact: boolean): string[] {
  const number = numeric.has(type);
  const date = type === "DATE" || type === "TIMESTAMP";
  const text = type === "VARCHAR";
  return [
    `count(${id})`,
    exact ? `count(DISTINCT ${id})` : `approx_count_distinct(${id})`,
    number ? `min(${id})` : date ? `CAST(min(${id}) AS VARCHAR)` : "NULL",
    number ? `max(${id})` : date ? `CAST(max(${id}) AS VARCHAR)` : "NULL",
    // The squares and sums of very large numbers overflow: those are left out of mean and spread.
    number ? `avg(CASE WHEN abs(${id}) < 1e150 THEN CAST(${id} AS DOUBLE) END)` : "NULL",
    number ? `stddev_samp(CASE WHEN abs(${id}) < 1e150 THEN CAST(${id} AS DOUBLE) END)` : "NULL",
    text ? `avg(length(${id}))` : "NULL",
    // Chinese, Japanese and Thai put no spaces between words; two characters of theirs are about one.
    text
      ? `avg(length(${id}) - length(replace(${id}, ' ', '')) + 1 + length(regexp_replace(${id}, '${spaced}', '', 'g')) / 2)`
      : "NULL",
  ];
}

function toProfile(
  { rows }: Dataset,
  { column, counted, distinct }: { column: DatasetColumn; counted: QueryRow; distinct: number },
): ColumnProfile {
  const [filled, , min, max, mean, std, length, words] = counted;
  const missing = rows - Number(filled);
  const kind = columnKind({
    name: column.name,
    type: column.type,
    rows,
    missing,
    distinct,
    min: typeof min === "number" ? min : null,
    max: typeof max === "number" ? max : null,
    length: Number(length ?? 0),
    words: Number(words ?? 0),
  });
  return {
    name: column.name,
    kind,
    type: column.type,
    missing,
    distinct,
    ...(min == null || typeof min === "boolean" ? {} : { min }),
    ...(max == null || typeof max === "boolean" ? {} : { max }),
    ...(typeof mean === "number" ? { mean } : {}),
    ...(typeof std === "number" ? { std } : {}),
    column,
  };
}

async function countDistinct(
  dataset: Dataset,
  { column, signal }: { column: DatasetColumn; signal: AbortSignal },
): Promise<number> {
  const [[distinct = 0] = []] = await dataset.query(
    // A hash of eight bytes in place of a text of any length: the set of them has to fit into memory.
    `SELECT count(DISTINCT hash(${column.id})) FROM ${column.table} WHERE ${column.id} IS NOT NULL`,
    { signal },
  );
  return Number(distinct);
}

/** The most frequent values of a column, by falling count and then by value. */
export async function topValues(
  dataset: Dataset,
  { column, limit, signal }: { column: DatasetColumn; limit: number; signal: AbortSignal },
): Promise<ValueCount[]> {
  const { id, table } = column;
  const rows = await dataset.query(
    `SELECT CAST(${id} AS VARCHAR) AS value, count(*) AS n FROM ${table} WHERE ${id} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${limit}`,
    { signal },
  );
  return rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
}
