import { type Alert, type Job, readJob, readProgress } from "@ml-intern/lab";
import type { KeepRunOptions } from "./keep-run.ts";
import type { StartedRun } from "./started-run.ts";

/** What can be seen of a run that goes on by itself, and what of that the model has not been told. */
export interface RunSight {
  readonly job: Job | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly alerts: readonly Alert[];
  /** Alerts that were not told yet. */
  readonly news: readonly Alert[];
  /** Since when it has neither written nor used its processor, if that is long and was not told yet. */
  readonly stalledSinceMs: number | null;
}

/** Without output and use of the processor for so long, a run counts as stalled. */
export const STALLED_AFTER_MS: number = 5 * 60_000;

export async function lookAtRun(
  { run: id, alerts_told = 0, stall_told_ms = null }: Pick<StartedRun, "run"> & Partial<StartedRun>,
  { workbench, stalledAfterMs = STALLED_AFTER_MS }: Pick<KeepRunOptions, "workbench"> & StallOptions,
): Promise<RunSight> {
  const { home, labDirectory, workspace } = workbench;
  const job = await readJob({ home, labDirectory, id });
  const { metrics, alerts } = await readProgress({ labDirectory, workspace, id });
  // A daemon that gives no sign any more cannot say that its run is well either.
  const quietMs = job?.state === "running" ? Math.max(job.seenMs - job.activeMs, Date.now() - job.seenMs) : 0;
  const since = job?.state === "running" && quietMs >= stalledAfterMs ? job.activeMs : null;
  const isNews = since !== null && since !== stall_told_ms;
  return { job, metrics, alerts, news: alerts.slice(alerts_told), stalledSinceMs: isNews ? since : null };
}

export interface StallOptions {
  readonly stalledAfterMs?: number;
}
