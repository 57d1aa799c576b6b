import type { Sandbox } from "./sandbox.ts";

export interface WorkspaceFile {
  readonly sandbox: Sandbox;
  /** Relative to the workspace, or absolute as the sandbox sees it (/work/…). */
  readonly path: string;
}

/** Reads a file of the workspace on the host's side, following no link out of it. Null when there is none. */
export async function readWorkspaceFile(
  _options: WorkspaceFile & { readonly maxBytes?: number },
): Promise<Uint8Array | null> {
  throw new Error("not yet");
}

/** Writes a file into the workspace for the sandbox's user, making folders and following no link out of it. */
export async function writeWorkspaceFile(
  _options: WorkspaceFile & { readonly content: string | Uint8Array },
): Promise<void> {
  throw new Error("not yet");
}
