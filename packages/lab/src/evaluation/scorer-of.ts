import type { Contract, MetricName } from "../contract/contract.ts";
import type { Scorer } from "./bootstrap.ts";
import { accuracy, balancedAccuracy, f1, macroF1 } from "./classification-metrics.ts";
import type { Outcome } from "./outcome.ts";
import { logLoss, rocAuc } from "./probability-metrics.ts";
import { mae, r2, rmse } from "./regression-metrics.ts";

/** A metric over one outcome; null when the outcome has not what it needs (probabilities, say). */
export function scorerOf(
  metric: MetricName,
  outcome: Outcome,
  contract: Pick<Contract, "positive_class">,
): Scorer | null {
  if (outcome.kind === "numbers") {
    if (metric === "rmse") return rmse(outcome);
    if (metric === "mae") return mae(outcome);
    return metric === "r2" ? r2(outcome) : null;
  }
  const { truth, predicted, probabilities } = outcome;
  const classes = outcome.classes.length;
  const positive = positiveIndex(outcome.classes, contract.positive_class);
  switch (metric) {
    case "accuracy":
      return accuracy({ truth, predicted, classes });
    case "balanced_accuracy":
      return balancedAccuracy({ truth, predicted, classes });
    case "macro_f1":
      return macroF1({ truth, predicted, classes });
    case "f1":
      return f1({ truth, predicted, classes }, positive);
    case "roc_auc":
      return probabilities === null ? null : rocAuc({ truth, probabilities, classes }, positive);
    case "log_loss":
      return probabilities === null ? null : logLoss({ truth, probabilities, classes });
    case "rmse":
    case "mae":
    case "r2":
      return null;
    default:
      return metric satisfies never;
  }
}

/** The class that the contract calls positive; without one, the last in order, as in 0/1 and no/yes. */
function positiveIndex(classes: readonly string[], positive: string | null): number {
  const index = positive === null ? -1 : classes.indexOf(positive);
  return index === -1 ? classes.length - 1 : index;
}

const SECONDARY = {
  classification: ["accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "log_loss"],
  regression: ["rmse", "mae", "r2"],
} as const;

/** The other metrics of the task's kind that the outcome allows. */
export function secondaryMetrics(outcome: Outcome, contract: Contract): Partial<Record<MetricName, number>> {
  const values: Partial<Record<MetricName, number>> = {};
  for (const metric of SECONDARY[contract.task_type]) {
    if (metric === contract.metric) continue;
    const value = scorerOf(metric, outcome, contract)?.(null);
    if (value !== undefined && Number.isFinite(value)) values[metric] = value;
  }
  return values;
}
