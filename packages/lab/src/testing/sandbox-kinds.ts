import { detectAbilities } from "../sandbox/abilities.ts";
import { openSandboxOfKind } from "../sandbox/open-sandbox.ts";
import type { SandboxKind } from "../sandbox/sandbox.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface KindOnThisMachine {
  readonly kind: SandboxKind;
  /** Why it cannot be opened here, or null. */
  readonly missing: string | null;
}

/** Tries each kind of walls once, so that a suite can run on those that this machine can build and name the rest. */
export async function sandboxKinds(): Promise<readonly KindOnThisMachine[]> {
  const signal = new AbortController().signal;
  const abilities = await detectAbilities({ signal });
  const kinds: KindOnThisMachine[] = [];
  for (const kind of ["bubblewrap", "unshare", "landlock"] as const) {
    await using folder = await temporaryFolder();
    const options = { workspace: `${folder.path}/workspace`, home: folder.path, readOnlyPaths: [] };
    try {
      await using _sandbox = await openSandboxOfKind({ ...options, kind, abilities, signal });
      kinds.push({ kind, missing: null });
    } catch (error) {
      kinds.push({ kind, missing: error instanceof Error ? error.message : String(error) });
    }
  }
  return kinds;
}
