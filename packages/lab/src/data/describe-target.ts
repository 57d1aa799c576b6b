import type { TaskType } from "../contract/contract.ts";
import type { Dataset } from "./dataset.ts";
import { labelSql } from "./label-text.ts";
import type { ColumnProfile } from "./profile-columns.ts";
import type { Alarm, TargetReport } from "./report.ts";

const mostClasses = 100;

/** Describes the target as classes or as a quantity, with the alarms that follow from its distribution. */
export async function describeTarget(
  dataset: Dataset,
  { profile, taskType, signal }: { profile: ColumnProfile; taskType: TaskType; signal: AbortSignal },
): Promise<{ target: TargetReport; alarms: Alarm[] }> {
  const { name, kind, missing, min, max, mean, column } = profile;
  const alarms: Alarm[] = [];
  const alarm = (alarmKind: Alarm["kind"], severity: Alarm["severity"], message: string): void => {
    alarms.push({ kind: alarmKind, severity, columns: [name], message });
  };
  if (kind === "empty") alarm("target", "stop", `The target "${name}" has no value at all.`);
  if (kind === "constant") alarm("target", "stop", `The target "${name}" has the same value in every row.`);
  if (missing > 0) alarm("missing_target", "warn", `${missing} rows have no "${name}"; they are left out.`);
  if (taskType === "regression") {
    const numbers = {
      ...(typeof min === "number" ? { min } : {}),
      ...(typeof max === "number" ? { max } : {}),
      ...(mean === undefined ? {} : { mean }),
    };
    return { target: { name, kind, missing, classes: null, ...numbers }, alarms };
  }
  const label = labelSql(column);
  const rows = await dataset.query(
    `SELECT ${label} AS label, count(*) AS n FROM ${column.table} WHERE ${column.id} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1`,
    { signal },
  );
  const classes = rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
  const total = dataset.rows - missing;
  const rare = classes.filter(({ count }) => count === 1);
  if (rare.length > 0 && classes.length > 1) {
    const shown = rare
      .slice(0, 5)
      .map(({ value }) => `"${value}"`)
      .join(", ");
    alarm(
      "rare_class",
      "stop",
      `${rare.length} ${rare.length === 1 ? "class has" : "classes have"} a single row: ${shown}${rare.length > 5 ? ", …" : ""}. It cannot be both learnt and tested: leave it out or merge it.`,
    );
  }
  const [most] = classes;
  if (most !== undefined && classes.length > 1 && most.count / total > 0.8) {
    alarm(
      "imbalance",
      "warn",
      `${((100 * most.count) / total).toFixed(1)} % of the rows are "${most.value}": accuracy alone would flatter.`,
    );
  }
  return { target: { name, kind, missing, classes: classes.slice(0, mostClasses) }, alarms };
}
