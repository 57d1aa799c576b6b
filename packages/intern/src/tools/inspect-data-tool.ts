import { inspectDataset, openDataset } from "@ml-intern/lab";
import { z } from "zod";
import { defineTool, type Tool } from "./define-tool.ts";

export const inspectDataTool: Tool = defineTool({
  name: "inspect_data",
  description:
    "Reads and audits the task's data: columns with kind, missing values, cardinality and statistics; target balance; duplicates; alarms (leaks, groups, time order); five sample rows; a suggested contract. Rows shown here never become test rows.",
  repeatable: true,
  input: z.strictObject({
    target: z.string().min(1).optional().describe("the column to predict, when it is known"),
  }),
  async execute({ target }, { workbench, session, signal }) {
    const { options } = session.state;
    const wanted = target ?? options.target;
    const fixed = (await workbench.contract()) !== null;
    // Once the contract is fixed the shown rows could be sealed ones, so the report comes without any.
    const dataset = fixed ? await openDataset(workbench.data, { signal }) : await workbench.dataset(signal);
    const report = await inspectDataset(dataset, {
      task: options.task,
      ...(wanted === null ? {} : { target: wanted }),
      signal,
    });
    if (fixed) await dataset[Symbol.asyncDispose]();
    await session.append({ type: "recorded", kind: "data_report", body: report, ledger_head: null });
    return report;
  },
});
