import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";
import type { RunRecord } from "./run-record.ts";

export interface RunPlace {
  /** The session's `lab` folder. */
  readonly labDirectory: string;
  readonly id: string;
}

export const runIdPattern: RegExp = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/;

function place({ labDirectory, id }: RunPlace): string {
  if (!runIdPattern.test(id)) throw notFound(id);
  return join(labDirectory, "runs", id);
}

/** The folder of a run's artefacts, out of the sandbox's reach: `lab/runs/<id>/output`. */
export function runOutputDirectory(run: RunPlace): string {
  return join(place(run), "output");
}

/** Reads a run, or throws LabError "run/not_found". */
export async function readRun(run: RunPlace): Promise<RunRecord> {
  const text = await readFile(join(place(run), "run.json"), "utf8").catch(() => null);
  if (text === null) throw notFound(run.id);
  return JSON.parse(text) as RunRecord;
}

/** All finished runs, oldest first. A run that was cut short by a crash has no record and is left out. */
export async function listRuns({
  labDirectory,
}: Pick<RunPlace, "labDirectory">): Promise<readonly RunRecord[]> {
  const names = await readdir(join(labDirectory, "runs")).catch(() => []);
  const number = (id: string): number => Number(/^run_(\d+)$/.exec(id)?.[1] ?? Number.MAX_SAFE_INTEGER);
  const ids = names
    .filter((name) => runIdPattern.test(name))
    .sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1));
  const runs = await Promise.all(ids.map((id) => readRun({ labDirectory, id }).catch(() => null)));
  return runs.filter((run) => run !== null);
}

function notFound(id: string): LabError {
  return new LabError("run/not_found", `There is no finished run ${JSON.stringify(id)}.`, {
    mend: "Use the id that start_run returned.",
  });
}
