import { mkdir, open, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Environment, environmentVariables } from "../environments/provision-environment.ts";
import { LabError } from "../lab-error.ts";
import { collectArtefacts } from "../sandbox/collect-artefacts.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { readClaims } from "./read-claims.ts";
import { runIdPattern, runOutputDirectory } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";
import { hashCode, snapshotCode } from "./snapshot-code.ts";

export interface StartRunOptions {
  /** The session's `lab` folder, out of the sandbox's reach. */
  readonly labDirectory: string;
  readonly sandbox: Sandbox;
  readonly environment: Environment;
  /** Default: the next free `run_<n>`. */
  readonly id?: string;
  readonly name: string;
  /** Relative to the workspace. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly seed: number;
  readonly refit?: boolean;
  readonly timeoutMs?: number;
  readonly limits?: Partial<Limits>;
  readonly onOutput?: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Makes the output folder from the inside, where no link can lead it astray, and becomes the script. */
const inEmptyOutput = 'rm -rf -- "$OUTPUT_DIR" && mkdir -p -- "$OUTPUT_DIR" && exec "$@"';
const logTailCharacters = 4000;

/**
 * Runs a script of the workspace once and keeps what came of it: code, log, output files, claimed numbers. A script that
 * fails, is stopped or outgrows a limit still gives a record; LabError "run/invalid" means that nothing was started.
 */
export async function startRun(options: StartRunOptions): Promise<RunRecord> {
  const { labDirectory, sandbox, environment, name, seed, signal } = options;
  const args = options.args ?? [];
  const script = scriptPath(options);
  signal.throwIfAborted();
  const objects = join(labDirectory, "objects");
  const files = await snapshotCode({ workspace: sandbox.hostWorkspace, objects, signal });
  if (files[script] === undefined) {
    throw invalid(
      `There is no script ${script} in the workspace.`,
      "Write the file first, as a .py below the workspace.",
    );
  }
  const { id, directory } = await claimRunDirectory(labDirectory, options.id);
  await writeFile(join(directory, "code.json"), `${JSON.stringify(files, null, 2)}\n`);

  const logPath = join(directory, "log.txt");
  const result = await sandbox.exec({
    argv: ["/bin/sh", "-c", inEmptyOutput, "run", environment.python, "-u", script, ...args],
    env: {
      ...environmentVariables(environment),
      SEED: String(seed),
      PYTHONHASHSEED: String(seed >>> 0),
      REFIT: options.refit === true ? "1" : "0",
      RUN_ID: id,
      DATA_DIR: `${sandbox.workspace}/data`,
      OUTPUT_DIR: `${sandbox.workspace}/runs/${id}`,
    },
    limits: { ...options.limits, ...(options.timeoutMs === undefined ? {} : { wallMs: options.timeoutMs }) },
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
    logPath,
    signal,
  });
  // Collected after a cancel too: half a model and its log may be what the person wants to look at.
  const output = runOutputDirectory({ labDirectory, id });
  const { artefacts } = await collectArtefacts({
    root: sandbox.hostWorkspace,
    from: `runs/${id}`,
    into: output,
  });
  const record: RunRecord = {
    id,
    name,
    script,
    args,
    seed,
    refit: options.refit ?? false,
    environment: environment.id,
    code_sha256: hashCode({ script, args, files }),
    ended: result.ended,
    exit_code: result.exit_code,
    duration_s: result.duration_ms / 1000,
    claimed: await readClaims(output),
    artefacts,
    has_model: artefacts.some((artefact) => artefact.path === "model/predict.py"),
    log_tail: result.output.slice(-logTailCharacters),
    log_path: logPath,
  };
  await writeAtomically(join(directory, "run.json"), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** The script's path relative to the workspace. */
function scriptPath({ sandbox, script, id }: StartRunOptions): string {
  if (id !== undefined && !runIdPattern.test(id)) {
    throw invalid(`${JSON.stringify(id)} is no run id.`, "Use letters, digits, _ and -.");
  }
  const inside = script.startsWith(`${sandbox.workspace}/`)
    ? script.slice(sandbox.workspace.length + 1)
    : script;
  const parts = inside.split("/").filter((part) => part !== "" && part !== ".");
  if (inside.startsWith("/") || parts.includes("..") || parts.length === 0 || !inside.endsWith(".py")) {
    throw invalid(
      `${script} is not a Python file of the workspace.`,
      "Give a path like train.py, relative to the workspace.",
    );
  }
  return parts.join("/");
}

function invalid(message: string, mend: string): LabError {
  return new LabError("run/invalid", message, { mend });
}

/** Takes an id by making its folder, which two runs cannot both do. */
async function claimRunDirectory(
  labDirectory: string,
  wanted: string | undefined,
): Promise<{ id: string; directory: string }> {
  const runs = join(labDirectory, "runs");
  await mkdir(runs, { recursive: true });
  const taken = (await readdir(runs)).map((name) => Number(/^run_(\d+)$/.exec(name)?.[1] ?? 0));
  for (let next = Math.max(0, ...taken) + 1; ; next++) {
    const id = wanted ?? `run_${next}`;
    const directory = join(runs, id);
    try {
      await mkdir(directory);
      return { id, directory };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (wanted !== undefined)
        throw invalid(`There is a run ${wanted} already.`, "Leave the id out to get a new one.");
    }
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  {
    await using file = await open(`${path}.new`, "w");
    await file.writeFile(text);
    await file.sync();
  }
  await rename(`${path}.new`, path);
}
