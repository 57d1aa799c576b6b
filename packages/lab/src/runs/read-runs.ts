import type { RunRecord } from "./run-record.ts";

export interface RunPlace {
  readonly labDirectory: string;
  readonly id: string;
}

/** The folder of a run's artefacts, out of the sandbox's reach: `lab/runs/<id>/output`. */
export function runOutputDirectory(_place: RunPlace): string {
  throw new Error("not yet");
}

/** Reads a run, or throws LabError "run/not_found". */
export async function readRun(_place: RunPlace): Promise<RunRecord> {
  throw new Error("not yet");
}

/** All finished runs, oldest first. */
export async function listRuns(_options: { readonly labDirectory: string }): Promise<readonly RunRecord[]> {
  throw new Error("not yet");
}
