import type { EvaluationRecord, RecordKind, ReleaseRecord } from "@ml-intern/intern";
import type { Contract, DataReport, RunRecord } from "@ml-intern/lab";
import { duration, number, plural } from "./format.ts";
import type { Style } from "./style.ts";

/**
 * What a person should see of a document that a tool made. Claimed and verified numbers never look alike: `~ claimed`
 * is what a script said, `✔ verified` is what the evaluator measured and the ledger holds.
 */
export function describeRecord(kind: RecordKind, body: unknown, style: Style): string[] {
  // The session's log names the kind of each body when it writes it.
  switch (kind) {
    case "data_report":
      return describeReport(body as DataReport, style);
    case "contract":
      return describeContract(body as Contract, style);
    case "run":
      return describeRun(body as RunRecord, style);
    case "evaluation":
      return describeEvaluation(body as EvaluationRecord, style);
    case "release":
      return describeRelease(body as ReleaseRecord, style);
    default:
      return kind satisfies never;
  }
}

function describeReport(report: DataReport, style: Style): string[] {
  const lines = [
    `${report.rows.toLocaleString("en")} rows, ${plural(report.columns.length + report.columns_omitted, "column")}, ${report.format}`,
  ];
  for (const alarm of report.alarms) {
    lines.push(
      alarm.severity === "info" ? style.dim(`· ${alarm.message}`) : style.warning(`! ${alarm.message}`),
    );
  }
  return lines;
}

function describeContract(contract: Contract, style: Style): string[] {
  const { split, queries, stop } = contract;
  const lines = [
    style.bold(`Contract: predict ${contract.target} (${contract.task_type}, ${contract.input_kind})`),
    `metric ${contract.metric} (${contract.direction}), split ${split.kind}${split.column === null ? "" : ` by ${split.column}`}: ` +
      `${split.train} train, ${split.validation} validation, ${split.test} sealed test`,
    `${plural(contract.features.length, "feature")}; the evaluator answers ${queries.validation} times on validation, ${queries.test} on test`,
  ];
  if (stop.target_value !== null) lines.push(`wanted: ${contract.metric} ${number(stop.target_value)}`);
  for (const { column, reason } of contract.excluded.slice(0, 8))
    lines.push(style.dim(`without ${column}: ${reason}`));
  if (contract.excluded.length > 8)
    lines.push(style.dim(`and ${contract.excluded.length - 8} more columns left out`));
  return lines;
}

/** Names of claims that a person asks for first. */
const SCORE = /accuracy|f1|auc|loss|rmse|mae|r2/;

function describeRun(run: RunRecord, style: Style): string[] {
  const claims = Object.entries(run.claimed)
    .sort(([a], [b]) => Number(SCORE.test(b)) - Number(SCORE.test(a)))
    .slice(0, 4);
  const head = `${run.id} ${run.name} (seed ${run.seed}) ${endOf(run)} after ${duration(run.duration_s * 1000)}`;
  const failedRun = run.ended !== "exited" || run.exit_code !== 0;
  const lines = [failedRun ? style.failure(head) : head];
  if (claims.length > 0)
    lines.push(
      style.claimed(`~ claimed ${claims.map(([name, value]) => `${name} ${number(value)}`).join(", ")}`),
    );
  return lines;
}

function endOf(run: RunRecord): string {
  if (run.ended !== "exited") return `ended by ${run.ended}`;
  return run.exit_code === 0 ? "finished" : `failed with exit code ${run.exit_code}`;
}

function describeEvaluation(evaluation: EvaluationRecord, style: Style): string[] {
  const lines = evaluation.scores.map((score) =>
    style.verified(
      `✔ verified ${score.metric} ${number(score.value)} [${number(score.interval[0])}, ${number(score.interval[1])}] on ${score.set} ` +
        `(${score.rows} rows; ${score.baseline.name} ${number(score.baseline.value)}) · ${score.run} · ledger #${score.ledger_seq}`,
    ),
  );
  const { comparison, replicates } = evaluation;
  if (replicates !== null)
    lines.push(
      `noise: ${plural(replicates.runs, "seed")} of the same code, mean ${number(replicates.mean)}, sd ${number(replicates.sd)}`,
    );
  if (comparison !== null)
    lines.push(
      `${comparison.run} against ${comparison.against}: ${comparison.verdict} (${comparison.reason})`,
    );
  return lines;
}

function describeRelease(release: ReleaseRecord, style: Style): string[] {
  return [
    style.bold(`Published ${release.repo} at ${release.url}`),
    `revision ${release.revision.slice(0, 12)}, ${plural(release.files.length, "file")}; loaded again in a clean sandbox: ` +
      `${release.reloaded.rows} rows predicted, ${release.reloaded.agrees ? "the same as before" : "NOT the same as before"} · ledger #${release.ledger_seq}`,
  ];
}
