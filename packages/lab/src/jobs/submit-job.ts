import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ensureDaemon } from "./ensure-daemon.ts";
import { type JobRequest, jobKey, requestPath, writeRequest } from "./job-request.ts";
import { readStatus } from "./job-status.ts";
import { type Job, readJob } from "./read-job.ts";

export interface SubmitJobOptions {
  readonly home: string;
  /** Its run was reserved with `reserveRun`. */
  readonly request: JobRequest;
  readonly signal: AbortSignal;
}

/**
 * Hands a reserved run to the daemon of the home, which is started where none lives, and resolves when the daemon has
 * taken it. From then on the run needs nobody. Submitting a run again finds it as it is: it never begins twice.
 * LabError "job/no_daemon" means that it will not begin. An abort leaves the request where it is.
 */
export async function submitJob({ home, request, signal }: SubmitJobOptions): Promise<Job> {
  const place = { home, labDirectory: request.labDirectory, id: request.run.id };
  const known = await readJob(place);
  if (known === null) await writeRequest(home, request);
  for (;;) {
    const job = await readJob(place);
    const taken = job?.state === "ended" || (await readStatus(place)) !== null;
    if (job !== null && taken) return job;
    await ensureDaemon(home, signal).catch(async (error: unknown) => {
      if (!signal.aborted) await rm(requestPath(home, jobKey(place)), { force: true });
      throw error;
    });
    await delay(25, undefined, { signal });
  }
}
