import { LabError } from "../lab-error.ts";
import type { ContractProposal, MetricName } from "./contract.ts";

export const classMetrics: readonly MetricName[] = [
  "accuracy",
  "balanced_accuracy",
  "macro_f1",
  "f1",
  "roc_auc",
  "log_loss",
];
export const quantityMetrics: readonly MetricName[] = ["rmse", "mae", "r2"];
/** Metrics that need a model's probabilities and not only its choice. */
export const probabilityMetrics: readonly MetricName[] = ["roc_auc", "log_loss"];
const costs: readonly MetricName[] = ["rmse", "mae", "log_loss"];

export function metricDirection(metric: MetricName): "maximize" | "minimize" {
  return costs.includes(metric) ? "minimize" : "maximize";
}

/** The proposal's metric, or the usual one of its task type; one that does not fit is `contract/invalid`. */
export function requireMetric(
  { metric, task_type, target_value: goal }: ContractProposal,
  { classes, target }: { classes: readonly string[] | null; target: string },
): MetricName {
  const fitting = task_type === "classification" ? classMetrics : quantityMetrics;
  const chosen = metric ?? (task_type === "classification" ? "accuracy" : "rmse");
  if (!fitting.includes(chosen)) {
    throw new LabError("contract/invalid", `The metric "${chosen}" does not fit a ${task_type}.`, {
      mend: `Choose one of ${fitting.join(", ")}.`,
    });
  }
  if (chosen === "f1" && classes?.length !== 2) {
    throw new LabError("contract/invalid", `"f1" is for two classes; "${target}" has ${classes?.length}.`, {
      mend: 'Choose "macro_f1".',
    });
  }
  if (
    goal !== undefined &&
    !(Number.isFinite(goal) && (metricDirection(chosen) === "minimize" ? goal >= 0 : goal <= 1))
  ) {
    throw new LabError("contract/invalid", `A ${chosen} of ${goal} cannot be reached.`, {
      mend:
        metricDirection(chosen) === "minimize"
          ? "Give a target_value of 0 or more."
          : "Give a target_value of at most 1, for example 0.97.",
    });
  }
  return chosen;
}
