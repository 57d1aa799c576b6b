import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { collectArtefacts } from "../sandbox/collect-artefacts.ts";
import { readClaims } from "./read-claims.ts";
import { runOutputDirectory } from "./read-runs.ts";
import type { RunEnded, RunRecord, RunSpec } from "./run-record.ts";
import { type CodeFiles, hashCode } from "./snapshot-code.ts";

export interface CloseRunOptions {
  readonly labDirectory: string;
  /** The workspace as the host sees it. */
  readonly workspace: string;
  readonly run: RunSpec;
  /** The environment's id. */
  readonly environment: string;
  readonly ended: RunEnded;
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** The end of the output. */
  readonly output: string;
}

const logTailCharacters = 4000;

/** Collects what a run left and writes its record, with which it is finished. Doing it twice gives the same record. */
export async function closeRun(options: CloseRunOptions): Promise<RunRecord> {
  const { labDirectory, workspace, run } = options;
  const { id, name, script, args, seed, refit } = run;
  const directory = join(labDirectory, "runs", id);
  const files = JSON.parse(await readFile(join(directory, "code.json"), "utf8")) as CodeFiles;
  const output = runOutputDirectory({ labDirectory, id });
  const { artefacts } = await collectArtefacts({ root: workspace, from: `runs/${id}`, into: output });
  const record: RunRecord = {
    id,
    name,
    script,
    args,
    seed,
    refit,
    environment: options.environment,
    code_sha256: hashCode({ script, args, files }),
    ended: options.ended,
    exit_code: options.exitCode,
    duration_s: options.durationMs / 1000,
    claimed: await readClaims(output),
    artefacts,
    has_model: artefacts.some((artefact) => artefact.path === "model/predict.py"),
    log_tail: options.output.slice(-logTailCharacters),
    log_path: join(directory, "log.txt"),
  };
  await writeDurably(join(directory, "run.json"), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}
