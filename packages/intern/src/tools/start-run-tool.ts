import { openValidation, type RunRecord, startRun } from "@ml-intern/lab";
import { z } from "zod";
import { withinTime } from "../budget/within-time.ts";
import { keepRun } from "../runs/keep-run.ts";
import { type SubmittedRun, submitRun } from "../runs/submit-run.ts";
import { defineTool, type Tool } from "./define-tool.ts";
import { requireContract } from "./require-contract.ts";

export const startRunTool: Tool = defineTool({
  name: "start_run",
  description:
    "Runs `python <script> <args>` in the sandbox, once for each seed, and keeps code, log, claims and artefacts of each run. The script reads DATA_DIR and SEED and writes OUTPUT_DIR/model, metrics.json and plots. `refit: true` first opens the validation labels (data/validation.csv) and closes validation scoring for good. `background: true` returns at once, for runs of more than a few minutes: the code is taken as it is now, you go on meanwhile and are told when a run ends, stalls or alerts (a line {level, text} in OUTPUT_DIR/alerts.jsonl; lines of numbers in metrics.jsonl show progress); see check_run and stop_run.",
  repeatable: true,
  input: z.strictObject({
    name: z.string().min(1).max(80).describe("what is tried, in a few words"),
    script: z.string().min(1).describe("path in the workspace"),
    args: z.array(z.string()).max(64).optional(),
    seeds: z.array(z.int().min(0).max(1_000_000)).min(1).max(5).optional(),
    refit: z.boolean().optional(),
    timeout_s: z.number().positive().max(86_400).optional(),
    environment: z.enum(["base", "torch"]).optional(),
    background: z.boolean().optional(),
  }),
  async execute(
    {
      name,
      script,
      args = [],
      seeds = [0],
      refit = false,
      timeout_s,
      environment = "base",
      background = false,
    },
    context,
  ) {
    const { workbench, session, budget, callId, signal, show } = context;
    const contract = await requireContract(workbench);
    const ledger = await workbench.ledger();
    const seconds = timeout_s ?? contract.budget.run_seconds;
    if (refit) {
      // What cannot be undone is not done for a run that will be refused. A call that is made again has reserved already.
      const isAgain = session.state.startedRuns.some((run) => run.call_id === callId);
      if (!isAgain) budget.requireTime({ seconds, among: seeds.length });
      await openValidation({ sessionDirectory: workbench.directory, ledger, own: workbench.own, signal });
    }
    if (background) {
      const runs: SubmittedRun[] = [];
      for (const [index, seed] of seeds.entries()) {
        const among = seeds.length - index;
        const run = { name, script, args, seed, refit, environment, seconds, index, among };
        runs.push(await submitRun(run, context));
      }
      return { runs };
    }
    const runs: (RunRecord & { readonly shortened?: string })[] = [];
    for (const [index, seed] of seeds.entries()) {
      signal.throwIfAborted();
      const place = {
        labDirectory: workbench.labDirectory,
        sandbox: await workbench.sandbox(environment, signal),
        environment: await workbench.environment(environment, signal),
      };
      const among = seeds.length - index;
      const time = { budget, callId, seconds, among, show, signal };
      const { value: run, shortened } = await withinTime(time, (granted) =>
        workbench.timed(() =>
          startRun({
            ...{ ...place, name, script, args, seed, refit },
            ...{ timeoutMs: granted * 1000, onOutput: show, signal },
          }),
        ),
      );
      signal.throwIfAborted();
      await keepRun(run, context);
      runs.push(shortened === null ? run : { ...run, shortened });
    }
    return { runs };
  },
});
