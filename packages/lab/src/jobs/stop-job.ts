import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { RunPlace } from "../runs/read-runs.ts";
import { ensureDaemon } from "./ensure-daemon.ts";
import { jobKey, stopPath } from "./job-request.ts";
import { type Job, readJob } from "./read-job.ts";

export interface StopJobOptions extends RunPlace {
  readonly home: string;
  readonly signal: AbortSignal;
}

/** Ends a run, or takes it out of the queue, and resolves with what it left. Null for a run that was never submitted. */
export async function stopJob(options: StopJobOptions): Promise<Job | null> {
  const { home, signal } = options;
  for (let asked = false; ; asked = true) {
    const job = await readJob(options);
    if (job === null || job.state === "ended") return job;
    if (!asked) await writeFile(stopPath(home, jobKey(options)), "");
    await ensureDaemon(home, signal);
    await delay(50, undefined, { signal });
  }
}
