import { type DataReport, inspectDataset } from "@ml-intern/lab";
import { z } from "zod";
import { ToolFailure } from "../failures/tool-failure.ts";
import type { SessionState } from "../session/session-state.ts";
import { defineTool, type Tool } from "./define-tool.ts";
import { inspectWorkspaceFile } from "./inspect-workspace-file.ts";

export const inspectDataTool: Tool = defineTool({
  name: "inspect_data",
  description:
    "Reads and audits the task's data: columns with kind, missing values, cardinality and statistics; target balance; duplicates; alarms (leaks, groups, time order); five sample rows; a suggested contract. Rows shown here never become test rows. Once the contract is fixed, the newest report from before is given again. With `path`, the same of another data file, in the workspace.",
  readOnly: true,
  input: z.strictObject({
    target: z.string().min(1).optional().describe("the column to predict, when it is known"),
    path: z.string().min(1).optional().describe("a data file of the workspace, instead of the task's data"),
  }),
  async execute({ target, path }, { workbench, session, signal }) {
    if (path !== undefined) {
      const { task } = session.state.options;
      return await inspectWorkspaceFile({ path, task, target: target ?? null, workbench, signal });
    }
    if ((await workbench.contract()) !== null) return reportFromBefore(session.main.state, target);
    const { options } = session.state;
    const wanted = target ?? options.target;
    const dataset = await workbench.dataset(signal);
    const report = await inspectDataset(dataset, {
      task: options.task,
      ...(wanted === null ? {} : { target: wanted }),
      signal,
    });
    await session.append({ type: "recorded", kind: "data_report", body: report, ledger_head: null });
    return report;
  },
});

const NOTE =
  "This is the report from before the contract was fixed. The data are closed since then and were not read again.";

/** Sealed rows are in the person's file, too: what was seen before they were sealed is all there is to see. */
function reportFromBefore(
  { records }: SessionState,
  wanted: string | undefined,
): DataReport & { note: string } {
  // This tool has recorded them.
  const report = records.data_report?.at(-1) as DataReport | undefined;
  if (report === undefined) {
    throw new ToolFailure(
      "data/closed",
      "The contract is fixed, the data are closed since then, and no report of them is on record.",
      "Look at what the contract has left you: data/task.json and data/train.csv in the workspace.",
    );
  }
  const known = report.target?.name ?? null;
  if (wanted !== undefined && wanted.toLowerCase() !== known?.toLowerCase()) {
    throw new ToolFailure(
      "data/closed",
      `The contract is fixed and the data are closed since then: they cannot be looked at with the target ${wanted}. The report on record is ${known === null ? "without a target" : `for ${known}`}.`,
      "Call inspect_data without a target to read that report; the rows to learn from are in data/train.csv.",
    );
  }
  return { note: NOTE, ...report };
}
