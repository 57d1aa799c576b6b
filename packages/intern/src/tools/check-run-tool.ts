import { setTimeout as delay } from "node:timers/promises";
import { ensureDaemon, readLog } from "@ml-intern/lab";
import { z } from "zod";
import { ToolFailure } from "../failures/tool-failure.ts";
import { keepRun } from "../runs/keep-run.ts";
import { lookAtRun, type RunSight } from "../runs/look-at-run.ts";
import type { RunNews } from "../runs/started-run.ts";
import { defineTool, type Tool, type ToolContext } from "./define-tool.ts";

const LOOK_EVERY_MS = 250;
const LOG_BYTES = 8 * 1024;

export const checkRunTool: Tool = defineTool({
  name: "check_run",
  description:
    "Says how a run stands: queued, running or ended, the end of its log (or from the byte `log_from` on), its newest metrics and its alerts. With `wait_s` it waits until the run ends, alerts or stalls, at most that long.",
  readOnly: true,
  role: "poll",
  input: z.strictObject({
    run: z.string().regex(/^run_\d+$/),
    wait_s: z.number().min(0).max(3_600).optional(),
    log_from: z.int().min(0).optional(),
  }),
  async execute({ run, wait_s = 0, log_from }, context) {
    const sight = await waitForNews(run, wait_s * 1000, context);
    const { labDirectory } = context.workbench;
    const log = await readLog({ labDirectory, id: run }, log_from ?? null, LOG_BYTES);
    return { ...(await describe(run, sight, context)), log };
  },
});

/** What there is to see of the run when it has news, or when the time is over. */
async function waitForNews(run: string, waitMs: number, context: ToolContext): Promise<RunSight> {
  const { session, workbench, signal } = context;
  // The clock of the wall can be set back.
  const deadline = performance.now() + waitMs;
  for (;;) {
    const started = session.state.startedRuns.find((started) => started.run === run);
    const sight = await lookAtRun(started ?? { run }, context);
    if (sight.job === null) {
      throw new ToolFailure("run/not_found", `There is no run ${run}.`, "Use an id that start_run returned.");
    }
    const isNews = sight.job.state === "ended" || sight.news.length > 0 || sight.stalledSinceMs !== null;
    if (isNews || performance.now() >= deadline) return sight;
    await ensureDaemon(workbench.home, signal);
    await delay(Math.min(LOOK_EVERY_MS, deadline - performance.now()), undefined, { signal });
  }
}

/** The result tells what is new, so nobody else has to. */
async function describe(run: string, sight: RunSight, context: ToolContext): Promise<object> {
  const { session } = context;
  const { job, metrics, alerts, news, stalledSinceMs } = sight;
  const isOpen = session.state.startedRuns.some((started) => started.run === run && !started.end_told);
  const tell = async (news: RunNews): Promise<void> => {
    if (isOpen) await session.append({ type: "run_news", run, news, text: null });
  };
  if (news.length > 0) await tell({ kind: "alerts", told: alerts.length });
  if (stalledSinceMs !== null) await tell({ kind: "stalled", since_ms: stalledSinceMs });
  if (job?.state === "ended") {
    await keepRun(job.record, context);
    await tell({ kind: "ended" });
    const { log_tail: _, ...record } = job.record;
    return { state: "ended", ...record, alerts };
  }
  const now = Date.now();
  const seconds = (since: number): number => Math.max(0, Math.round((now - since) / 1000));
  return job?.state === "running"
    ? {
        ...{ run, state: "running", elapsed_s: seconds(job.startedMs), cpu_s: Math.round(job.cpuS) },
        ...{ quiet_s: Math.round((job.seenMs - job.activeMs) / 1000), metrics, alerts },
      }
    : { run, state: "queued", waiting_s: job === null ? 0 : seconds(job.submittedMs) };
}
