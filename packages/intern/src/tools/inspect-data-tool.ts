import { inspectDataset } from "@ml-intern/lab";
import { z } from "zod";
import { defineTool, type Tool } from "./define-tool.ts";

export const inspectDataTool: Tool = defineTool({
  name: "inspect_data",
  description:
    "Reads and audits the task's data: columns with kind, missing values, cardinality and statistics; target balance; duplicates; alarms (leaks, groups, time order); five sample rows; a suggested contract. Rows shown here never become test rows.",
  readOnly: true,
  input: z.strictObject({
    target: z.string().min(1).optional().describe("the column to predict, when it is known"),
  }),
  async execute({ target }, { workbench, session, signal }) {
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
