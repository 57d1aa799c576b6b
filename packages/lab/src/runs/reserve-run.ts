import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { runIdPattern } from "./read-runs.ts";
import { snapshotCode } from "./snapshot-code.ts";

export interface ReserveRunOptions {
  /** The session's `lab` folder, out of the sandbox's reach. */
  readonly labDirectory: string;
  readonly sandbox: Pick<Sandbox, "hostWorkspace" | "workspace">;
  /** Default: the next free `run_<n>`. */
  readonly id?: string;
  /** Relative to the workspace, or absolute as the sandbox sees it. */
  readonly script: string;
  readonly signal: AbortSignal;
}

export interface ReservedRun {
  readonly id: string;
  /** Relative to the workspace. */
  readonly script: string;
}

/**
 * Takes an id and keeps the code as it is now. Nothing runs yet; a reservation that nobody uses is no run. LabError
 * "run/invalid" for a script that is not there and for an id that is taken.
 */
export async function reserveRun(options: ReserveRunOptions): Promise<ReservedRun> {
  const { labDirectory, sandbox, signal } = options;
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
  return { id, script };
}

function scriptPath({ sandbox, script, id }: ReserveRunOptions): string {
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
