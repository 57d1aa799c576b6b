import type { Dataset } from "../data/dataset.ts";
import { contentColumns, fingerprintRows } from "../data/fingerprint-rows.ts";
import { labelSql } from "../data/label-text.ts";
import { sampledRows } from "../data/read-samples.ts";
import { LabError } from "../lab-error.ts";
import type { CheckedTerms } from "./check-proposal.ts";
import { mergeGroups } from "./merge-groups.ts";

export type Part = "train" | "validation" | "test";

export interface RowSplit {
  readonly seed: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly dropped: number;
  readonly notes: readonly string[];
}

const share = 0.2;
const mostSealed = 20_000;
const seedsTried = 20;

/**
 * Creates the table `split (r, part, row_id, pos)`. The parts depend on the data, the terms and the seed only.
 * Rows with equal content stay together, rows that were shown are never sealed, groups stay together, and a split
 * by time seals the newest. Row ids are in an order that only this installation can compute, so that they tell
 * nothing about a row's place in the file.
 */
export async function splitRows(
  dataset: Dataset,
  { terms, secret, signal }: { terms: CheckedTerms; secret: string; signal: AbortSignal },
): Promise<RowSplit> {
  const notes: string[] = [];
  const run = (sql: string) => dataset.query(sql, { signal });
  await createRows(dataset, { terms, notes, signal });
  const { kind } = terms.split;
  const seed = kind === "grouped" ? await chooseGroupSeed(run, terms) : 1;
  await (kind === "time" ? assignByTime(run, terms) : assignByLot(run, { terms, seed }));
  await run("DROP TABLE IF EXISTS split");
  await run(
    `CREATE TABLE split AS SELECT r, part, row_id, row_number() OVER (PARTITION BY part ORDER BY CASE WHEN part = 'train' THEN r ELSE row_id END) AS pos FROM (SELECT r, part, row_number() OVER (ORDER BY md5('${secret}' || r), r) AS row_id FROM rows_in JOIN parts USING (unit) WHERE NOT (shown AND part <> 'train'))`,
  );
  const counts = new Map(
    (await run("SELECT part, count(*) FROM split GROUP BY 1")).map(([part, n]) => [part, Number(n)]),
  );
  const [train = 0, validation = 0, test = 0] = ["train", "validation", "test"].map(
    (part) => counts.get(part) ?? 0,
  );
  if (train === 0 || validation === 0 || test === 0) {
    throw new LabError(
      "contract/invalid",
      `The split leaves ${train} rows to train on, ${validation} to validate and ${test} to test.`,
      {
        mend:
          kind === "time" || kind === "grouped"
            ? "Choose another column to split by, or another kind of split."
            : "There are too few different rows: bring more data.",
      },
    );
  }
  const dropped = dataset.rows - train - validation - test;
  const unlabelled = dataset.rows - terms.labelled;
  if (unlabelled > 0)
    notes.push(`${unlabelled} rows without a value of "${terms.target.name}" are in no part.`);
  if (dropped > unlabelled)
    notes.push(
      `${dropped - unlabelled} rows that were shown as samples would have been sealed and are in no part.`,
    );
  await missingClasses(run, { terms, notes });
  for (const table of ["rows_in", "parts", "fingerprints"]) await run(`DROP TABLE IF EXISTS ${table}`);
  return { seed, train, validation, test, dropped, notes };
}

type Run = (sql: string) => ReturnType<Dataset["query"]>;

/** `rows_in (r, unit, label, shown, t)`: every labelled row with the unit that must not be divided. */
async function createRows(
  dataset: Dataset,
  { terms, notes, signal }: { terms: CheckedTerms; notes: string[]; signal: AbortSignal },
): Promise<void> {
  const { target, features, split, classes } = terms;
  const run: Run = (sql) => dataset.query(sql, { signal });
  const columns = features.map(({ column }) => column);
  // Equal pictures stay together even if they are labelled differently.
  const content = dataset.kind === "images" ? contentColumns(dataset, columns) : [...columns, target];
  await fingerprintRows(dataset, { columns: content, into: "fingerprints", signal });
  await run("DROP TABLE IF EXISTS rows_in");
  const label = classes === null || split.kind === "grouped" ? "''" : labelSql(target);
  const order = split.kind === "time" && split.column !== null ? split.column : null;
  const moment =
    order === null
      ? "NULL"
      : order.type === "DATE" || order.type === "TIMESTAMP"
        ? `epoch(o.${order.id})`
        : `CAST(o.${order.id} AS DOUBLE)`;
  const join = order === null ? "" : ` JOIN ${order.table} o ON o.rowid = f.r`;
  await run(
    `CREATE TABLE rows_in AS SELECT f.r, f.h AS unit, t.label, f.r < ${sampledRows} AS shown, ${moment} AS t FROM fingerprints f JOIN (SELECT rowid AS r, ${label} AS label FROM ${target.table} WHERE ${target.id} IS NOT NULL) t ON t.r = f.r${join}`,
  );
  const [[rows = 0, units = 0] = []] = await run("SELECT count(*), count(DISTINCT unit) FROM rows_in");
  if (Number(units) < 50 && Number(rows) >= 10 * Number(units)) {
    // With so few combinations of values equal rows are the rule, and keeping them together would leave no test.
    await run("UPDATE rows_in SET unit = CAST(r AS UBIGINT)");
    notes.push(`The rows have only ${units} different contents, so equal rows are not kept on one side.`);
  }
  if (split.kind === "grouped" && split.column !== null) {
    notes.push(...(await mergeGroups(dataset, { column: split.column, signal })));
  }
}

/** `parts (unit, part)` by a seeded draw, within each class where there are classes. */
async function assignByLot(run: Run, { terms, seed }: { terms: CheckedTerms; seed: number }): Promise<void> {
  await run("DROP TABLE IF EXISTS parts");
  await run(
    `CREATE TABLE parts AS
    WITH units AS (
      SELECT unit, any_value(label) AS label, count(*) AS n, bool_or(shown) AS shown FROM rows_in GROUP BY unit
    ), classes AS (
      SELECT label, count(*) AS units, bool_or(shown) AS kept, greatest(1, ${dueSql(terms, "sum(n)")})::BIGINT AS due FROM units GROUP BY label
    ), placed AS (
      SELECT unit, n > due AS big, kept, units, due, row_number() OVER lot AS place, (sum(n) OVER lot)::BIGINT AS upto
      FROM (SELECT unit, label, n::BIGINT AS n, md5_number_lower('${seed}|' || unit) AS dice FROM units WHERE NOT shown) JOIN classes USING (label)
      WINDOW lot AS (PARTITION BY label ORDER BY n > due, dice ROWS UNBOUNDED PRECEDING)
    )
    SELECT unit, 'train' AS part FROM units WHERE shown
    UNION ALL
    SELECT unit, CASE
      WHEN units < 3 THEN 'train'
      WHEN place = 1 THEN 'test'
      WHEN place = 2 AND (big OR upto > due) THEN 'validation'
      WHEN big OR (place = units AND NOT kept) THEN 'train'
      WHEN upto <= due THEN 'test'
      WHEN upto <= 2 * due THEN 'validation'
      ELSE 'train' END AS part
    FROM placed`,
  );
}

/** `parts (unit, part)` with the newest fifth as test, the fifth before it as validation. */
async function assignByTime(run: Run, terms: CheckedTerms): Promise<void> {
  await run("DROP TABLE IF EXISTS parts");
  await run(
    `CREATE TABLE parts AS
    WITH units AS (SELECT unit, max(t) AS t, count(*) AS n FROM rows_in GROUP BY unit),
    placed AS (
      SELECT unit, t, ${dueSql(terms, "sum(n) OVER ()")} AS due,
        sum(n) OVER (ORDER BY t DESC NULLS LAST, unit ROWS UNBOUNDED PRECEDING) AS upto
      FROM units
    )
    SELECT unit, CASE
      WHEN t IS NULL THEN 'train'
      WHEN upto <= due THEN 'test'
      WHEN upto <= 2 * due THEN 'validation'
      ELSE 'train' END AS part
    FROM placed`,
  );
}

/** A fifth of the rows in SQL; for large data, so much less that no sealed part exceeds its most. */
function dueSql(terms: CheckedTerms, rows: string): string {
  if (terms.labelled * share <= mostSealed) return `round(${rows} * ${share})`;
  return `floor(${rows} * ${(mostSealed - (terms.classes?.length ?? 0)) / terms.labelled})`;
}

/** Groups cannot be balanced by class: of a few draws the first that shows all parts the most classes is taken. */
async function chooseGroupSeed(run: Run, terms: CheckedTerms): Promise<number> {
  const [[groups = 0] = []] = await run("SELECT count(DISTINCT unit) FROM rows_in");
  if (Number(groups) < 3) {
    throw new LabError(
      "contract/invalid",
      `"${terms.split.column?.name}" has too few groups to be split by.`,
      {
        mend: "Three groups are the least. Name another column, or propose another kind of split.",
      },
    );
  }
  if (terms.classes === null) return 1;
  const { target } = terms;
  let best = { seed: 1, seen: 0 };
  for (let seed = 1; seed <= seedsTried; seed++) {
    await assignByLot(run, { terms, seed });
    const [[seen = 0] = []] = await run(
      `SELECT count(*) FROM (SELECT DISTINCT part, ${labelSql(target)} FROM rows_in JOIN parts USING (unit) JOIN ${target.table} t ON t.rowid = rows_in.r)`,
    );
    if (Number(seen) > best.seen) best = { seed, seen: Number(seen) };
    if (best.seen === 3 * terms.classes.length) break;
  }
  return best.seed;
}

async function missingClasses(
  run: Run,
  { terms, notes }: { terms: CheckedTerms; notes: string[] },
): Promise<void> {
  if (terms.classes === null) return;
  const { target } = terms;
  const rows = await run(
    `SELECT part, count(DISTINCT ${labelSql(target)}) FROM split JOIN ${target.table} t ON t.rowid = split.r GROUP BY 1 ORDER BY 1`,
  );
  for (const [part, seen] of rows) {
    const missing = terms.classes.length - Number(seen);
    if (missing > 0) notes.push(`${missing} of ${terms.classes.length} classes have no row in ${part}.`);
  }
}
