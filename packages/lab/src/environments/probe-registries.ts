import { LabError } from "../lab-error.ts";
import { findPython } from "./find-python.ts";
import { pipReachesIndex } from "./pip.ts";
import { runProgram } from "./run-program.ts";

/** One package registry, asked just now. */
export interface RegistryCheck {
  readonly name: "Python packages" | "npm";
  readonly ok: boolean;
  readonly detail: string;
  readonly mend: string | null;
}

/** Asks both registries with the person's own settings. Needed only for set-up: what is installed works without them. */
export async function probeRegistries({
  signal,
}: {
  readonly signal: AbortSignal;
}): Promise<readonly RegistryCheck[]> {
  return Promise.all([probePip(signal), probeNpm(signal)]);
}

async function probePip(signal: AbortSignal): Promise<RegistryCheck> {
  const name = "Python packages";
  try {
    const { executable } = await findPython({ signal });
    await pipReachesIndex(executable, signal);
    return { name, ok: true, detail: "the index answers", mend: null };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { name, ok: false, detail: error.message.split("\n")[0] ?? "", mend: error.mend };
  }
}

async function probeNpm(signal: AbortSignal): Promise<RegistryCheck> {
  const name = "npm";
  const argv = ["npm", "view", "typescript", "name", "--fetch-retries=0", "--fetch-timeout=8000"];
  const { exitCode } = await runProgram({ argv, signal });
  if (exitCode === 0) return { name, ok: true, detail: "the registry answers", mend: null };
  const mend =
    "Check the network and npm's settings (`npm config get registry`, proxy). Only set-up needs it.";
  return { name, ok: false, detail: "the registry does not answer", mend };
}
