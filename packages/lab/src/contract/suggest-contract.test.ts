import { describe, expect, it } from "vitest";
import type { ColumnReport, DataReport, ValueCount } from "../data/report.ts";
import { guessTarget } from "./guess-target.ts";
import { suggestContract } from "./suggest-contract.ts";
import { readTaskWords } from "./task-words.ts";

function column(name: string, change: Partial<ColumnReport> = {}): ColumnReport {
  return { name, kind: "number", type: "DOUBLE", missing: 0, distinct: 500, ...change };
}

const category = { kind: "category", type: "VARCHAR", distinct: 3 } as const;

function report(
  columns: readonly ColumnReport[],
  classes: readonly ValueCount[] | null = null,
  change: Partial<DataReport> = {},
): DataReport {
  const last = columns.at(-1);
  return {
    path: "data.csv",
    kind: "table",
    format: "csv",
    rows: 1000,
    columns,
    columns_omitted: 0,
    omitted_kinds: {},
    duplicates: { rows: 0 },
    target: last === undefined ? null : { name: last.name, kind: last.kind, missing: 0, classes },
    alarms: [],
    suggestion: null,
    samples: [],
    ...change,
  };
}

describe("the target is guessed from", () => {
  const columns = [
    column("id"),
    column("carat"),
    column("cut", category),
    column("price"),
    column("depth", category),
  ];

  it.each([
    ["Predict price from carat and cut", "price"],
    ["predict the prices of diamonds, using depth", "price"],
    ["Using carat and cut, estimate price", "price"],
    ["classify the rows by cut", "cut"],
    ["A model of the 'carat' column", "carat"],
    ["target: depth", "depth"],
    ["something else", "price"],
  ])("%s", (task, target) => {
    expect(guessTarget(columns, task)).toBe(target);
  });

  it("the given name before anything else, whatever its capitals", () => {
    expect(guessTarget(columns, "predict price", "CARAT")).toBe("carat");
    expect(guessTarget(columns, "predict price", "nothing")).toBeNull();
  });

  it("the last column, unless that is a text, a date or an identifier", () => {
    expect(guessTarget([column("a"), column("b", category)], "do it")).toBe("b");
    expect(guessTarget([column("a"), column("b", { kind: "text", type: "VARCHAR" })], "do it")).toBeNull();
  });

  it("but never from the name of a file", () => {
    expect(
      guessTarget([column("digits"), column("label", category)], "recognise numbers in digits.csv"),
    ).toBe("label");
  });
});

describe("the task's words decide", () => {
  it.each([
    ["with accuracy at least 0.97", "accuracy", 0.97],
    ["reach 97 % accuracy, at least 97 %", "accuracy", 0.97],
    ["AUC above 0.9", "roc_auc", 0.9],
    ["get the RMSE below 3.2", "rmse", 3.2],
    ["an F1 score of 0.8", "f1_any", 0.8],
    ["mean absolute error under 12", "mae", 12],
    ["use macro F1", "macro_f1", null],
    ["balanced accuracy", "balanced_accuracy", null],
    ["train on at least 1000 rows", null, null],
  ])("metric and goal: %s", (task, metric, goal) => {
    expect(readTaskWords(task)).toMatchObject({ metric, targetValue: goal });
  });
});

describe("a suggestion", () => {
  const two = (a: number, b: number): ValueCount[] => [
    { value: "no", count: a },
    { value: "yes", count: b },
  ];

  it.each([
    [two(550, 450), "accuracy"],
    [two(900, 100), "roc_auc"],
  ])("takes the metric that the balance of two classes asks for", (classes, metric) => {
    const made = suggestContract(
      report([column("x"), column("y", { ...category, distinct: 2 })], classes),
      "go",
    );
    expect(made).toMatchObject({
      task_type: "classification",
      metric,
      positive_class: "yes",
      split: { kind: "stratified" },
    });
  });

  it("knows the positive class of other languages, also where it is the more frequent one", () => {
    const classes = [
      { value: "ja", count: 60 },
      { value: "nein, danke", count: 40 },
    ];
    const made = suggestContract(
      report([column("x"), column("y", { ...category, distinct: 2 })], classes),
      "go",
    );
    expect(made).toMatchObject({ positive_class: "ja" });
  });

  it("takes macro F1 when one of several classes is rare", () => {
    const classes = [
      { value: "a", count: 500 },
      { value: "b", count: 480 },
      { value: "c", count: 20 },
    ];
    expect(suggestContract(report([column("x"), column("y", category)], classes), "go")?.metric).toBe(
      "macro_f1",
    );
  });

  it("is a regression for a quantity, and for few whole numbers too when the words say so", () => {
    expect(suggestContract(report([column("x"), column("y")]), "predict y")).toMatchObject({
      task_type: "regression",
      metric: "rmse",
      split: { kind: "random" },
    });
    const whole = report([column("x"), column("y", { type: "BIGINT", distinct: 10 })]);
    expect(suggestContract(whole, "predict y")?.task_type).toBe("classification");
    expect(suggestContract(whole, "regression of y")?.task_type).toBe("regression");
  });

  it("sees pictures in a square of pixels, constant corners and all", () => {
    const pixels = Array.from({ length: 64 }, (_, n) =>
      column(`pixel_${n >> 3}_${n % 8}`, {
        type: "BIGINT",
        min: 0,
        max: 16,
        ...(n === 0 ? { kind: "constant" } : {}),
      }),
    );
    const made = suggestContract(
      report([...pixels, column("label", { type: "BIGINT", distinct: 10 })]),
      "recognise handwritten digits",
    );
    expect(made).toMatchObject({ input_kind: "image", target: "label", task_type: "classification" });
    expect(made?.exclude).toBeUndefined();
  });

  it("does not see pictures in measurements", () => {
    const measured = Array.from({ length: 64 }, (_, n) => column(`sensor ${n}`, { min: -3, max: 3 }));
    expect(suggestContract(report([...measured, column("y", category)]), "predict y")?.input_kind).toBe(
      "tabular",
    );
  });

  it("learns from the text where a text is nearly all there is", () => {
    const text = column("message", { kind: "text", type: "VARCHAR" });
    expect(
      suggestContract(
        report([column("id", { kind: "identifier" }), text, column("y", category)]),
        "predict y",
      ),
    ).toMatchObject({ input_kind: "text", text_column: "message" });
    const many = Array.from({ length: 6 }, (_, n) => column(`x${n}`));
    expect(suggestContract(report([...many, text, column("y", category)]), "predict y")).toMatchObject({
      input_kind: "tabular",
    });
  });

  it("is a folder of images as such", () => {
    const images = report(
      [column("file", { kind: "identifier", type: "VARCHAR" }), column("label", category)],
      null,
      { kind: "images", format: "image-folder" },
    );
    expect(suggestContract(images, "classify the photos")).toMatchObject({
      input_kind: "image",
      target: "label",
    });
  });

  it("forecasts along the date", () => {
    const made = suggestContract(
      report([column("day", { kind: "date", type: "DATE" }), column("sales")]),
      "forecast sales for next week",
    );
    expect(made).toMatchObject({ task_type: "regression", split: { kind: "time", column: "day" } });
  });
});
