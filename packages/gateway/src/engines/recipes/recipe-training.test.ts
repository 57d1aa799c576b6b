import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { recipeFiles } from "./recipe-files.ts";
import { findProvisionedPython, openRecipeWorkspace, type Row } from "./testing/recipe-workspace.ts";
import { CONTRACT } from "./testing/scripted-lab.ts";

const python = findProvisionedPython() ?? "";
if (python === "") {
  console.warn(
    "SKIPPED: the recipes' training tests need a provisioned Python environment (npm test provisions it).",
  );
}

const QUICK = ["--budget-s", "1"];
const LABELS = ['yes, "really"', "no", "0"];

/** The same numbers on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function mixedRows(count: number, from = 0): Row[] {
  const random = randomNumbers(7 + from);
  return Array.from({ length: count }, (_, index) => {
    const size = random() * 10;
    const color = ["red", "blue", "01", "1.0"][Math.floor(random() * 4)] ?? "";
    const label = size > 6 ? LABELS[0] : color === "red" ? LABELS[1] : LABELS[2];
    return {
      row_id: `r${from + index}`,
      size: random() < 0.1 ? "" : size.toFixed(3),
      color: random() < 0.05 ? "" : color,
      seen: `20${10 + Math.floor(random() * 10)}-0${1 + Math.floor(random() * 9)}-11`,
      never: "",
      rare: index === 3 ? "1e400" : "-0.0",
      label: label ?? "",
    };
  });
}

const kinds = (entries: Readonly<Record<string, string>>): readonly unknown[] =>
  Object.entries(entries).map(([name, kind]) => ({ name, kind }));

const MIXED = {
  ...CONTRACT,
  target: "label",
  input_kind: "tabular",
  classes: LABELS.toSorted(),
  features: kinds({ size: "number", color: "category", seen: "date", never: "number", rare: "number" }),
} as const;

function withoutLabel(rows: readonly Row[], target: string): Row[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== target)));
}

function accuracy(
  predictions: readonly Record<string, string>[],
  rows: readonly Row[],
  target: string,
): number {
  const predicted = new Map(predictions.map(({ row_id, prediction }) => [row_id, prediction]));
  return rows.filter((row) => predicted.get(String(row.row_id)) === String(row[target])).length / rows.length;
}

describe.skipIf(python === "")("training with the recipes", { timeout: 120_000 }, () => {
  it("learns a table with gaps, categories, dates and odd labels, and predicts with the model folder alone", async () => {
    await using workspace = await openRecipeWorkspace({ contract: MIXED, train: mixedRows(240) });
    const { files, metrics, log } = await workspace.train({
      python,
      id: "run_1",
      args: ["--family", "boosting", ...QUICK],
    });
    expect(files).toEqual(
      expect.arrayContaining([
        "metrics.json",
        "params.json",
        "search.png",
        "confusion.png",
        "model/model.onnx",
        "model/predict.py",
      ]),
    );
    expect(files.filter((file) => /\.(pkl|pickle|joblib)$/.test(file))).toEqual([]);
    expect(metrics.cv_accuracy).toBeGreaterThan(0.75);
    expect(log).toMatch(/\[1\/\d+\] histogram gradient boosting .*: cv accuracy 0\.\d{4} .*\(claimed\)/);
    const rows = mixedRows(80, 1_000).map((row, index) =>
      index === 0 ? { ...row, color: "never seen", size: "not a number" } : row,
    );
    const predictions = await workspace.predict({ python, id: "run_1", rows: withoutLabel(rows, "label") });
    expect(Object.keys(predictions[0] ?? {})).toEqual([
      "row_id",
      "prediction",
      ...MIXED.classes.map((name) => `p_${name}`),
    ]);
    expect(accuracy(predictions, rows, "label")).toBeGreaterThan(0.75);
  });

  it("says which columns are missing from the rows that it shall predict", async () => {
    const train = Array.from({ length: 40 }, (_, n) => ({
      row_id: `${n}`,
      a: n,
      b: n % 7,
      y: n % 2 === 0 ? "e" : "o",
    }));
    const contract = {
      ...CONTRACT,
      target: "y",
      classes: ["e", "o"],
      features: [
        { name: "a", kind: "number" },
        { name: "b", kind: "number" },
      ],
    } as const;
    await using workspace = await openRecipeWorkspace({ contract, train });
    await workspace.train({ python, id: "run_1", args: ["--family", "linear", ...QUICK] });
    const predicting = workspace.predict({ python, id: "run_1", rows: [{ a: 3 }] });
    await expect(predicting).rejects.toMatchObject({ stderr: "input.csv has no column row_id, b\n" });
  });

  it("refits a found result on train and validation without a new search", async () => {
    const task = { contract: MIXED, train: mixedRows(120), validation: mixedRows(60, 500) };
    await using workspace = await openRecipeWorkspace(task);
    const first = await workspace.train({ python, id: "run_1", args: ["--family", "linear", ...QUICK] });
    const args = ["--family", "linear", "--refit", "--params", "runs/run_1/params.json"];
    const refit = await workspace.train({ python, id: "run_2", args });
    expect([first.metrics.train_rows, refit.metrics.train_rows]).toEqual([120, 180]);
    expect(refit.log).toContain("without a new search");
  });

  it("learns a quantity whose scale is far from one", async () => {
    const random = randomNumbers(3);
    const train = Array.from({ length: 200 }, (_, index) => {
      const x = random();
      return { row_id: `r${index}`, x: x.toFixed(6), price: (Math.exp(3 * x) * 1e6).toFixed(2) };
    });
    const contract = {
      ...CONTRACT,
      task_type: "regression",
      input_kind: "tabular",
      target: "price",
      metric: "mae",
      direction: "minimize",
      classes: null,
      features: kinds({ x: "number" }),
    } as const;
    await using workspace = await openRecipeWorkspace({ contract, train });
    await workspace.train({ python, id: "run_1", args: ["--family", "svm", ...QUICK] });
    const predictions = await workspace.predict({
      python,
      id: "run_1",
      rows: [
        { row_id: "a", x: "0.5" },
        { row_id: "b", x: "0.9" },
      ],
    });
    const [middle, high] = predictions.map(({ prediction }) => Number(prediction) / 1e6);
    expect(Math.abs((middle ?? 0) - Math.exp(1.5))).toBeLessThan(0.5);
    expect(Math.abs((high ?? 0) - Math.exp(2.7))).toBeLessThan(1.5);
  });

  it("learns texts in any script", async () => {
    const random = randomNumbers(5);
    const words = { good: ["schön", "良い", "great", "😀"], bad: ["schlimm", "悪い", "awful", "\u202ebad"] };
    const train = Array.from({ length: 120 }, (_, index) => {
      const label = index % 2 === 0 ? "good" : "bad";
      const word = words[label][Math.floor(random() * 4)];
      return { row_id: `r${index}`, review: `a ${word}, really\n"${word}" thing`, label };
    });
    const contract = {
      ...CONTRACT,
      input_kind: "text",
      target: "label",
      text_column: "review",
      classes: ["bad", "good"],
      features: kinds({ review: "text" }),
    } as const;
    await using workspace = await openRecipeWorkspace({ contract, train });
    await workspace.train({ python, id: "run_1", args: ["--family", "naive_bayes", ...QUICK] });
    const rows = [
      { row_id: "a", review: "Schön" },
      { row_id: "b", review: "悪い悪い" },
      { row_id: "c", review: "" },
    ];
    const predictions = await workspace.predict({ python, id: "run_1", rows });
    expect(predictions.map(({ prediction }) => prediction).slice(0, 2)).toEqual(["good", "bad"]);
  });

  it("learns a folder of images, though one of them is damaged", async () => {
    const train = Array.from({ length: 60 }, (_, index) => ({
      row_id: `r${index}`,
      file: `images/r${index}.png`,
      label: index % 2 === 0 ? "bar" : "ring",
    }));
    const contract = {
      ...CONTRACT,
      input_kind: "image",
      data: { ...CONTRACT.data, kind: "images" },
      target: "label",
      classes: ["bar", "ring"],
      features: [],
    } as const;
    await using workspace = await openRecipeWorkspace({ contract, train });
    const images = join(workspace.directory, "data/images");
    await drawImages(images);
    await writeFile(join(images, "r50.png"), (await readFile(join(images, "r50.png"))).subarray(0, 40));
    const { metrics } = await workspace.train({ python, id: "run_1", args: ["--family", "svm", ...QUICK] });
    expect(metrics.cv_accuracy).toBeGreaterThan(0.9);
    const rows = withoutLabel(train.slice(0, 10), "label");
    const predictions = await workspace.predict({ python, id: "run_1", rows });
    expect(accuracy(predictions, train.slice(0, 10), "label")).toBe(1);
  });

  it("never lets equal rows fall into different folds, and gives each fold its share of every class", async () => {
    const code = `
import sys; sys.path.insert(0, sys.argv[1])
import numpy as np
from search import make_folds
groups = np.arange(90) % 30
target = (groups % 3 == 0).astype(int)
for train, held_out in make_folds(target, 2, None, groups, 0, 5):
    print(len(set(groups[train]) & set(groups[held_out])), len(held_out), target[held_out].sum())
`;
    const folder = fileURLToPath(new URL("../../../python/recipes", import.meta.url));
    const { stdout } = await promisify(execFile)(python, ["-B", "-c", code, folder]);
    expect(stdout.trim().split("\n")).toEqual(Array.from({ length: 5 }, () => "0 18 6"));
  });

  it("exports every kind of model so that ONNX and skops predict what scikit-learn does", async () => {
    const script = fileURLToPath(
      new URL("../../../python/recipes_test/every_kind_exports.py", import.meta.url),
    );
    const { stdout } = await promisify(execFile)(python, ["-B", script], {
      env: { PATH: process.env.PATH, OMP_NUM_THREADS: "1" },
    });
    const agreements = Object.entries(JSON.parse(stdout) as Record<string, { onnx: number; skops: number }>);
    expect(agreements.length).toBe(21);
    expect(agreements.filter(([, { onnx, skops }]) => onnx < 0.999 || skops < 0.999)).toEqual([]);
  });
});

/** Bars and rings of random place, every third one with an alpha channel. */
async function drawImages(folder: string): Promise<void> {
  const code = `
import os, random
from PIL import Image, ImageDraw
random.seed(0); os.makedirs(${JSON.stringify(folder)})
for i in range(60):
    image = Image.new("RGBA" if i % 3 == 0 else "L", (28, 28), "white")
    draw, x = ImageDraw.Draw(image), random.randint(2, 12)
    draw.rectangle((x, 3, x + 4, 25), fill="black") if i % 2 == 0 else draw.ellipse((x, 6, x + 13, 20), outline="black", width=2)
    image.save(os.path.join(${JSON.stringify(folder)}, f"r{i}.png"))
`;
  await promisify(execFile)(python, ["-c", code]);
}

describe("the recipe's files", () => {
  it("stay small, readable and free of pickle", () => {
    for (const { path, content } of recipeFiles({ data: { kind: "images" } })) {
      expect(content.split("\n").length, path).toBeLessThan(300);
      expect(content, path).toMatch(/^"""/);
      expect(content, path).not.toMatch(/import (pickle|joblib)/);
    }
  });
});
