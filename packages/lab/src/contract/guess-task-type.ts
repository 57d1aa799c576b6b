import type { ColumnReport } from "../data/report.ts";
import type { TaskType } from "./contract.ts";
import { readTaskWords } from "./task-words.ts";

const quantityName =
  /price|cost|amount|salary|income_|revenue|sales|count|total|age|height|weight|duration|distance|temperature|demand|value|rent|fare|hours|days|years|minutes/i;

/** Whether the target is one of some classes or a quantity. Numbers with few values can be either; words decide. */
export function guessTaskType(
  target: Pick<ColumnReport, "name" | "kind" | "type" | "distinct">,
  task: string,
): TaskType {
  if (target.kind === "category" || target.kind === "boolean" || target.kind === "text")
    return "classification";
  if (target.type !== "BIGINT" && target.type !== "DOUBLE") return "classification";
  if (target.distinct <= 2) return "classification";
  const said = readTaskWords(task).taskType;
  if (said === "regression") return "regression";
  const whole = target.type === "BIGINT";
  if (said === "classification" && whole && target.distinct <= 200) return "classification";
  return whole && target.distinct <= 20 && !quantityName.test(target.name) ? "classification" : "regression";
}
