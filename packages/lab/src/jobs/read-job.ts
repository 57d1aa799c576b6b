import { type RunPlace, readRun } from "../runs/read-runs.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { jobKey, readRequest } from "./job-request.ts";
import { type JobStatus, readStatus } from "./job-status.ts";

/** A run that goes on by itself, as it is now. */
export type Job = JobStatus | { readonly state: "ended"; readonly record: RunRecord };

/** Null for a run that was never submitted. Does not look whether a daemon lives: see `awaitJob`. */
export async function readJob({
  home,
  labDirectory,
  id,
}: RunPlace & { readonly home: string }): Promise<Job | null> {
  const place = { labDirectory, id };
  const ended = async (): Promise<Job | null> => {
    const record = await readRun(place).catch(() => null);
    return record && { state: "ended", record };
  };
  const record = await ended();
  if (record !== null) return record;
  const request = await readRequest(home, jobKey(place));
  // The request goes when the record is there, perhaps since we looked.
  if (request === null) return ended();
  return (await readStatus(place)) ?? { state: "queued", submittedMs: request.submittedMs };
}
