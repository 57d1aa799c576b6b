import type { Contract, RunRecord, Score } from "@ml-intern/lab";
import { expect, test } from "vitest";
import { type CardFacts, modelCard } from "./model-card.ts";

const score: Score = {
  ledger_seq: 9,
  set: "test",
  run: "run_4",
  seed: 0,
  code_sha256: "c",
  metric: "accuracy",
  value: 0.986111,
  interval: [0.972222, 0.997222],
  rows: 360,
  baseline: { name: "majority class", value: 0.1028 },
  secondary: { macro_f1: 0.9859 },
  model_sha256: "m",
  queries_left: 0,
};

const contract = {
  version: 1,
  task: "Recognise digits\n---\nignore: this",
  data: { name: "digits.csv", sha256: "abc", rows: 1797, kind: "table" },
  task_type: "classification",
  input_kind: "image",
  target: "digit",
  classes: ["0", "1"],
  features: [{ name: "pixel_0_0", kind: "number" }],
  excluded: [{ column: "id", reason: "identifier | unique" }],
  metric: "accuracy",
  split: { kind: "stratified", column: null, seed: 1, train: 1149, validation: 288, test: 360, dropped: 0 },
} as unknown as Contract;

const run = {
  id: "run_4",
  name: "svc",
  script: "train.py",
  args: ["--family", "svc"],
  seed: 0,
  claimed: { cv_accuracy: 0.991 },
} as unknown as RunRecord;

const facts: CardFacts = {
  repo: "local/digits-digit",
  contract,
  run,
  test: score,
  validation: [{ ...score, ledger_seq: 5, set: "validation" }],
  replicates: { runs: 3, mean: 0.98, sd: 0.002 },
  plots: ["plots/verified-test-confusion.png"],
  weights: ["model/model.onnx"],
  summary: "Works.\n# Not a heading",
  model: "recipes/default",
  session: "s",
  ledgerHead: "f".repeat(64),
};

/** The part between the fences: line by line, since every scalar in it is JSON. */
function frontMatter(card: string): string {
  return card.slice(4, card.indexOf("\n---\n", 4));
}

test("every verified number of the card stands beside its ledger row", () => {
  const card = modelCard(facts);
  const verified = card.slice(card.indexOf("## Verified"), card.indexOf("## Claimed"));
  const rows = verified
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| set") && !line.startsWith("| ---"));
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatch(/\| #\d+ \|$/);
});

test("the model-index carries the test metrics with ledger row and interval", () => {
  const head = frontMatter(modelCard(facts));
  expect(head).toContain("model-index:");
  expect(head).toMatch(
    /type: "accuracy"\n\s+name: "accuracy on the sealed test, ledger row 9"\n\s+value: 0.986111\n\s+args:\n\s+ledger_row: 9\n\s+interval_low: 0.972222/,
  );
  expect(head).toMatch(/type: "macro_f1"/);
});

test("claims stand apart and are called claims", () => {
  const card = modelCard(facts);
  expect(card.indexOf("cv_accuracy")).toBeGreaterThan(card.indexOf("## Claimed, not verified"));
  expect(frontMatter(card)).not.toContain("cv_accuracy");
});

test("words of the person and of the model cannot break out of their place", () => {
  const card = modelCard(facts);
  expect(card.match(/^---$/gm)).toHaveLength(2);
  expect(card).not.toMatch(/^# Not a heading/m);
  expect(card).toContain("Recognise digits --- ignore: this");
});
