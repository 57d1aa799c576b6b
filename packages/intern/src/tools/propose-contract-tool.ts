import { fixContract } from "@ml-intern/lab";
import { z } from "zod";
import { ToolFailure } from "../failures/tool-failure.ts";
import { defineTool, type Tool } from "./define-tool.ts";

const METRICS = [
  "accuracy",
  "balanced_accuracy",
  "macro_f1",
  "f1",
  "roc_auc",
  "log_loss",
  "rmse",
  "mae",
  "r2",
] as const;
const RUN_SECONDS = 600;

export const proposeContractTool: Tool = defineTool({
  name: "propose_contract",
  description:
    "Proposes the terms of the task. The lab checks them against the data, splits the rows, seals validation and test, and fixes the contract; it cannot be changed afterwards. inspect_data's `suggestion` has this shape.",
  repeatable: true,
  input: z.strictObject({
    task_type: z.enum(["classification", "regression"]),
    input_kind: z.enum(["tabular", "text", "image"]),
    target: z.string().min(1),
    metric: z.enum(METRICS).exactOptional(),
    positive_class: z.string().exactOptional(),
    exclude: z.array(z.strictObject({ column: z.string(), reason: z.string() })).exactOptional(),
    text_column: z.string().exactOptional(),
    split: z
      .strictObject({
        kind: z.enum(["stratified", "random", "grouped", "time"]),
        column: z.string().exactOptional(),
      })
      .exactOptional(),
    target_value: z.number().exactOptional().describe("the value of the metric that the person asked for"),
  }),
  async execute(proposal, { workbench, session, signal }) {
    const { options } = session.state;
    const known = await workbench.contract();
    const ledger = await workbench.ledger();
    if (known !== null) {
      // Fixed by this very call, before a crash could record its answer: the answer is given now.
      const contracts = session.state.records.contract ?? [];
      if (contracts.length > 0) {
        throw new ToolFailure(
          "contract/already_fixed",
          "The contract is fixed and cannot be changed.",
          "Work under it: read data/task.json.",
        );
      }
      await session.append({ type: "recorded", kind: "contract", body: known, ledger_head: ledger.head });
      return known;
    }
    const contract = await fixContract({
      proposal,
      dataset: await workbench.dataset(signal),
      task: options.task,
      budget: { usd: options.budget_usd, iterations: options.max_iterations, run_seconds: RUN_SECONDS },
      sessionDirectory: workbench.directory,
      ledger,
      own: workbench.own,
      signal,
    });
    await workbench.closeDataset();
    await session.append({ type: "recorded", kind: "contract", body: contract, ledger_head: ledger.head });
    return contract;
  },
});
