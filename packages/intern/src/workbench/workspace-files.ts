import { readWorkspaceFile as readFile, writeWorkspaceFile as writeFile } from "@ml-intern/lab";
import { ToolFailure } from "../failures/tool-failure.ts";
import type { Workbench } from "./workbench.ts";

interface Target {
  readonly workbench: Pick<Workbench, "sandbox">;
  /** Relative to the workspace, or absolute as the sandbox sees it. */
  readonly path: string;
  readonly signal: AbortSignal;
}

const LARGEST = 8 * 1024 ** 2;

/** Reads a text file of the workspace. Throws a {@link ToolFailure} when it is absent, outside, or over 8 MiB. */
export async function readWorkspaceText(target: Target): Promise<string> {
  return Buffer.from(await readWorkspaceBytes({ ...target, maxBytes: LARGEST })).toString("utf8");
}

/** Reads a file of the workspace. Throws a {@link ToolFailure} when it is absent, outside, or larger than `maxBytes`. */
export async function readWorkspaceBytes({
  workbench,
  path,
  maxBytes,
  signal,
}: Target & { readonly maxBytes: number }): Promise<Uint8Array> {
  const sandbox = await workbench.sandbox("base", signal);
  const bytes = await readFile({ sandbox, path, maxBytes }).catch(refuse);
  if (bytes === null) {
    throw new ToolFailure(
      "file/missing",
      `There is no ${path} in the workspace.`,
      "List the files with bash.",
    );
  }
  return bytes;
}

/** Writes a whole text file into the workspace, with its folders, for the sandbox's user. */
export async function writeWorkspaceText(target: Target & { readonly content: string }): Promise<void> {
  const { workbench, path, content, signal } = target;
  const sandbox = await workbench.sandbox("base", signal);
  await writeFile({ sandbox, path, content }).catch(refuse);
}

/** What the lab will not open is the model's mistake, or a trap that its code has set. */
function refuse(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof RangeError || code === "EISDIR") {
    throw new ToolFailure(
      "file/refused",
      error instanceof Error ? error.message : String(error),
      "Use a plain file inside the workspace.",
    );
  }
  throw error;
}
