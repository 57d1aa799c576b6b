import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import type { RunPlace } from "../runs/read-runs.ts";

/** What the daemon says of a run that has not ended, in `lab/runs/<id>/status.json`. Times are milliseconds since 1970. */
export type JobStatus =
  | { readonly state: "queued"; readonly submittedMs: number }
  | {
      readonly state: "running";
      readonly submittedMs: number;
      readonly startedMs: number;
      /** When this was written: while the daemon lives, a second ago at most. */
      readonly seenMs: number;
      /** When the run last wrote output or used its processor. */
      readonly activeMs: number;
      /** Processor time of all its processes. */
      readonly cpuS: number;
    };

function statusPath({ labDirectory, id }: RunPlace): string {
  return join(labDirectory, "runs", id, "status.json");
}

export async function readStatus(place: RunPlace): Promise<JobStatus | null> {
  const text = await readFile(statusPath(place), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as JobStatus);
}

/** For what has to be known after a crash. */
export async function keepStatus(place: RunPlace, status: JobStatus): Promise<void> {
  await writeDurably(statusPath(place), `${JSON.stringify(status)}\n`);
}

/** For what changes every second: readers see it whole, a crash may lose it. */
export async function showStatus(place: RunPlace, status: JobStatus): Promise<void> {
  const path = statusPath(place);
  await writeFile(`${path}.new`, `${JSON.stringify(status)}\n`);
  await rename(`${path}.new`, path);
}
