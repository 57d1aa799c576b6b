import type { Limits } from "./limits.ts";
import type { Sandbox, SandboxMode } from "./sandbox.ts";

export interface OpenSandboxOptions {
  /** The only folder of the host that the sandbox can write. */
  readonly workspace: string;
  /** Folders and files that the sandbox can read, at the same path. */
  readonly readOnlyPaths: readonly string[];
  readonly home: string;
  readonly mode: SandboxMode;
  readonly limits?: Partial<Limits>;
}

/** Opens a sandbox over a workspace, or throws LabError "sandbox/unavailable" with what to do. */
export async function openSandbox(_options: OpenSandboxOptions): Promise<Sandbox> {
  throw new Error("not yet");
}
