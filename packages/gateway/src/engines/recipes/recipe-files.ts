import { readFileSync } from "node:fs";
import type { Contract } from "./lab-types.ts";

export interface RecipeFile {
  /** Relative to the workspace. */
  readonly path: string;
  readonly content: string;
}

export const TRAIN_SCRIPT = "recipes/train.py";

const FOLDER = new URL("../../../python/recipes/", import.meta.url);
const NAMES = [
  "train.py",
  "families.py",
  "search.py",
  "features.py",
  "feature_columns.py",
  "text_features.py",
  "matrix.py",
  "task_data.py",
  "scoring.py",
  "model_output.py",
  "onnx_graphs.py",
  "onnx_trees.py",
  "export.py",
  "predict.py",
  "report.py",
  "plots.py",
  "progress.py",
];
const IMAGE_NAMES = ["image_features.py"];

/** The Python files that these data need, in the order in which they are best read. */
export function recipeFiles({ data }: Pick<Contract, "data">): readonly RecipeFile[] {
  const names = data.kind === "images" ? [...NAMES, ...IMAGE_NAMES] : NAMES;
  return names.map((name) => ({
    path: `recipes/${name}`,
    content: readFileSync(new URL(name, FOLDER), "utf8"),
  }));
}
