import type { Dataset, DatasetColumn } from "../data/dataset.ts";

const mostRounds = 50;

/**
 * Makes the group the unit of every row in `rows_in`, and joins groups that share equal rows, so that both
 * promises of the split hold. Rows without a group are groups of their own. Returns what has to be said about it.
 */
export async function mergeGroups(
  dataset: Dataset,
  { column, signal }: { column: DatasetColumn; signal: AbortSignal },
): Promise<string[]> {
  const run = (sql: string) => dataset.query(sql, { signal });
  const group = `coalesce(md5_number_lower('g' || CAST(c.${column.id} AS VARCHAR)), i.unit)`;
  await run("DROP TABLE IF EXISTS members");
  await run(
    `CREATE TABLE members AS SELECT DISTINCT i.unit AS content, ${group} AS grp FROM rows_in i JOIN ${column.table} c ON c.rowid = i.r`,
  );
  // Label propagation: each content takes the smallest group it occurs in, each group the smallest of its contents.
  await run("CREATE OR REPLACE TABLE merged AS SELECT grp, grp AS unit FROM members GROUP BY grp");
  for (let round = 0; round < mostRounds; round++) {
    await run(
      "CREATE OR REPLACE TABLE next_merged AS SELECT grp, min(least_of) AS unit FROM (SELECT m.grp, min(g.unit) OVER (PARTITION BY m.content) AS least_of FROM members m JOIN merged g USING (grp)) GROUP BY grp",
    );
    const [[changed = 0] = []] = await run(
      "SELECT count(*) FROM merged a JOIN next_merged b USING (grp) WHERE a.unit <> b.unit",
    );
    await run("CREATE OR REPLACE TABLE merged AS SELECT * FROM next_merged");
    if (Number(changed) === 0) break;
  }
  const [[largest = 0, all = 0] = []] = await run(
    `SELECT max(n), sum(n) FROM (SELECT unit, count(*) AS n FROM rows_in i JOIN ${column.table} c ON c.rowid = i.r JOIN (SELECT grp, unit AS merged_unit FROM merged) m ON m.grp = ${group} GROUP BY m.merged_unit, unit)`,
  );
  const chained = Number(largest) > Number(all) / 2;
  const unit = chained ? "grp" : "unit";
  await run(
    `CREATE OR REPLACE TABLE rows_in AS SELECT i.r, m.${unit} AS unit, i.label, i.shown, i.t FROM rows_in i JOIN ${column.table} c ON c.rowid = i.r JOIN (SELECT grp, unit FROM merged) m ON m.grp = ${group}`,
  );
  for (const table of ["members", "merged", "next_merged"]) await run(`DROP TABLE IF EXISTS ${table}`);
  return chained
    ? ["Most groups share equal rows, so only groups are kept on one side, not equal rows."]
    : [];
}
