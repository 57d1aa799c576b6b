import { expect, it } from "vitest";
import type { DatasetFacts } from "./dataset-facts.ts";
import { describeDataset } from "./describe-dataset.ts";

const local: DatasetFacts = {
  name: "penguins.csv",
  url: null,
  version: "0123456789abcdef",
  access: null,
  description: null,
  tables: [{ config: null, split: null, rows: 344, bytes: 13_500 }],
  shown: null,
  columns: [
    {
      name: "species",
      type: "VARCHAR",
      classes: null,
      missing: 0,
      distinct: 3,
      figures: null,
      top: [{ value: "Adelie", count: 152 }],
    },
    {
      name: "mass",
      type: "DOUBLE",
      classes: null,
      missing: 2,
      distinct: 94,
      figures: { of: "values", min: 2700, max: 6300, mean: 4201.8, median: null, std: 802 },
      top: [],
    },
  ],
  rows: [{ species: "Adelie", mass: 3750 }],
  files: [],
  chat: null,
  forms: [],
  notes: [{ severity: "warn", text: "11 rows are there twice.", mend: null }],
};

it("local data are told as those of a hub are, without what they do not have", () => {
  expect(describeDataset(local)).toBe(
    [
      "# penguins.csv",
      "version 0123456789ab",
      "- warn: 11 rows are there twice.",
      "## Tables\n\n- all rows: 344 rows, 13.5 kB",
      "## Columns\n\n- species: VARCHAR; 3 distinct; Adelie 152×\n- mass: DOUBLE; 2 missing; 94 distinct; 2700 to 6300, mean 4201.8",
      '## First rows\n\n- {"species":"Adelie","mass":3750}',
    ].join("\n\n"),
  );
});

it("the document is bounded, whatever the data", () => {
  const long = "x".repeat(10_000);
  const column = {
    ...local.columns[0]!,
    name: long,
    type: long,
    classes: Array(1000).fill(long),
    top: Array(10).fill({ value: long, count: 1 }),
  };
  const huge = {
    ...local,
    tables: Array(5000).fill(local.tables[0]),
    columns: Array(5000).fill(column),
    rows: Array(10).fill({ a: long }),
    files: Array(5000).fill({ path: "a.parquet", bytes: 1, url: null }),
  };
  const document = describeDataset(huge);
  expect(document.length).toBeLessThan(250_000);
  expect(document).toContain("and 4940 more");
});
