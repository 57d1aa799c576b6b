import type { MetricName, TaskType } from "./contract.ts";

/** What the words of a task say about its terms; null where they say nothing. */
export interface TaskWords {
  readonly taskType: TaskType | null;
  readonly metric: MetricName | "f1_any" | null;
  readonly targetValue: number | null;
  readonly forecast: boolean;
  readonly images: boolean;
}

const metricWords: readonly (readonly [RegExp, MetricName | "f1_any"])[] = [
  [/\bbalanced[ _-]accuracy\b/, "balanced_accuracy"],
  [/\bmacro[ _-]?(averaged )?f1\b|\bf1[ _-]macro\b/, "macro_f1"],
  [/\bf1\b|\bf-?score\b|\bf-measure\b/, "f1_any"],
  [/\b(roc[ _-]?auc|auc[ _-]?roc|auroc|auc|roc)\b/, "roc_auc"],
  [/\blog[ _-]?loss\b|\bcross[ _-]entropy\b/, "log_loss"],
  [/\brmse\b|\broot[ -]mean[ -]squared?\b/, "rmse"],
  [/\bmae\b|\bmean[ -]absolute[ -]error\b/, "mae"],
  [/\br2\b|\br²|\br-squared\b|\bcoefficient of determination\b/, "r2"],
  [/\baccura(cy|te)\b/, "accuracy"],
];

/** Reads metric, task type and goal out of a task in plain English. */
export function readTaskWords(task: string): TaskWords {
  const text = task.toLowerCase();
  const metric = metricWords.find(([words]) => words.test(text))?.[1] ?? null;
  const forecast = /\bforecast|\bnext (day|week|month|year)|\btime series\b/.test(text);
  return {
    taskType: typeWords(text, metric, forecast),
    metric,
    targetValue: readGoal(text, metric),
    forecast,
    images: /\bimage|\bpixel|\bpicture|\bphoto|\bhandwrit|\bdigit/.test(text),
  };
}

function typeWords(text: string, metric: MetricName | "f1_any" | null, forecast: boolean): TaskType | null {
  if (/\bregress/.test(text)) return "regression";
  if (/\bclassif|\brecogni[sz]|\bcategori[sz]|\bwhether\b|\bdetect|\bsentiment\b|\bspam\b/.test(text))
    return "classification";
  if (metric !== null)
    return metric === "rmse" || metric === "mae" || metric === "r2" ? "regression" : "classification";
  return forecast || /\bhow (much|many|long)\b|\bestimate\b/.test(text) ? "regression" : null;
}

/** "at least 0.97", "above 97 %", "below 3.2", "accuracy of 0.9": the goal, a share where it is written in percent. */
function readGoal(text: string, metric: MetricName | "f1_any" | null): number | null {
  const comparison =
    "(?:at least|at most|of at least|of at most|above|over|below|under|more than|less than|better than|>=?|<=?|≥|≤|≧|reach(?:es|ing)?)";
  const number = "(\\d+(?:\\.\\d+)?)\\s*(%|percent)?";
  const plain = new RegExp(
    `${comparison}\\s*${number}(?!\\s*(?:rows?|epochs?|minutes?|hours?|seconds?|runs?|usd|dollars?|columns?|classes))`,
  ).exec(text);
  const named =
    metric === null
      ? null
      : /(?:accuracy|auc|f1|rmse|mae|r2|loss|score)\s*(?:of|=|:)\s*(\d+(?:\.\d+)?)\s*(%|percent)?/.exec(text);
  const found = (metric === null ? null : plain) ?? named;
  if (found === null) return null;
  const value = Number(found[1]);
  const share = metric !== null && metric !== "rmse" && metric !== "mae" && metric !== "log_loss";
  if (found[2] !== undefined) return value / 100;
  // "accuracy at least 97" can only mean percent.
  return share && value > 1 ? (value <= 100 ? value / 100 : null) : value;
}
