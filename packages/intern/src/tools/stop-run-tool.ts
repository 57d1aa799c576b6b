import { readLog, stopJob } from "@ml-intern/lab";
import { z } from "zod";
import { ToolFailure } from "../failures/tool-failure.ts";
import { keepRun } from "../runs/keep-run.ts";
import { defineTool, type Tool } from "./define-tool.ts";

export const stopRunTool: Tool = defineTool({
  name: "stop_run",
  description:
    "Ends a run that start_run left in the background, or takes it out of the queue. What it wrote so far is kept.",
  repeatable: true,
  input: z.strictObject({ run: z.string().regex(/^run_\d+$/) }),
  async execute({ run }, context) {
    const { workbench, session, signal } = context;
    const { home, labDirectory } = workbench;
    const job = await stopJob({ home, labDirectory, id: run, signal });
    if (job?.state !== "ended") {
      throw new ToolFailure("run/not_found", `There is no run ${run}.`, "Use an id that start_run returned.");
    }
    await keepRun(job.record, context);
    const isOpen = session.state.startedRuns.some((started) => started.run === run && !started.end_told);
    if (isOpen) await session.append({ type: "run_news", run, news: { kind: "ended" }, text: null });
    const log = await readLog({ labDirectory, id: run }, null, 2000);
    const { log_tail: _, ...record } = job.record;
    return { ...record, log };
  },
});
