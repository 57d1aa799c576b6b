import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LabError } from "../lab-error.ts";
import { runProgram } from "./run-program.ts";

/** pip as it lies in this package: see python/vendor/README.md. A wheel can be run without being installed. */
const pip = `${fileURLToPath(new URL("../../python/vendor/pip-26.3-py3-none-any.whl", import.meta.url))}/pip`;

/** What the person's shell may say about Python must not reach into an environment of ours; pip's own settings may. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  const { PYTHONPATH, PYTHONHOME, PYTHONSTARTUP, VIRTUAL_ENV, __PYVENV_LAUNCHER__, ...rest } = process.env;
  return { ...rest, PYTHONNOUSERSITE: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
}

export interface PipInstallOptions {
  /** The environment's interpreter. */
  readonly python: string;
  readonly requirements: string;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Installs requirements from wheels only: nothing is compiled, and no package's own script runs on the host. */
export async function pipInstall({ python, requirements, onLine, signal }: PipInstallOptions): Promise<void> {
  const argv = [python, pip, "install", "--require-virtualenv", "--only-binary=:all:", "--no-input"];
  const { exitCode, output } = await runProgram({
    argv: [...argv, "--progress-bar=off", "--no-color", "--no-compile", "-r", requirements],
    env: hostEnvironment(),
    onLine,
    signal,
  });
  if (exitCode !== 0) throw installError(output);
}

/** What is installed, one `name==version` a line, sorted. */
export async function pipFreeze(python: string, signal: AbortSignal): Promise<string> {
  const argv = [python, pip, "list", "--format=freeze", "--exclude", "pip"];
  const { exitCode, output } = await runProgram({ argv, env: hostEnvironment(), signal });
  if (exitCode !== 0) throw installError(output);
  const lines = output.split("\n").filter((line) => /^[\w.-]+==\S+$/.test(line));
  return lines
    .map((line) => `${line}\n`)
    .sort()
    .join("");
}

/** Throws what an install would throw when the index does not answer; a package of a few kilobytes is fetched to know. */
export async function pipReachesIndex(python: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "ml-intern-pip-"));
  try {
    const argv = [
      python,
      pip,
      "download",
      "--quiet",
      "--no-deps",
      "--retries=0",
      "--timeout=8",
      "-d",
      folder,
      "six",
    ];
    const { exitCode, output } = await runProgram({ argv, env: hostEnvironment(), signal });
    if (exitCode !== 0) throw installError(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** "from versions: none" is all that pip says when retries are off: no index answered for a package that every index has. */
const noConnection =
  /from versions: none|Failed to establish a new connection|Temporary failure in name resolution|Name or service not known|ConnectTimeoutError|Read timed out|Max retries exceeded|ProxyError|Network is unreachable|Connection (refused|reset)|SSLError|connection broken by/i;
const diskFull = /No space left on device|Disk quota exceeded/i;

/** Tells apart what needs a different mend: no way to the registry, no room, anything else. */
export function installError(output: string): LabError {
  const last = output.trim().split("\n").slice(-8).join("\n");
  if (diskFull.test(output)) {
    return new LabError("disk/full", `The disk is full; Python packages could not be installed.\n${last}`, {
      mend: "Free about 3 GB, or point ML_INTERN_HOME to a larger disk, and run it again.",
    });
  }
  if (noConnection.test(output)) {
    return new LabError(
      "environment/registry_unreachable",
      `The Python package registry cannot be reached.\n${last}`,
      {
        mend: "Check the network and pip's settings (`pip config list`, PIP_INDEX_URL, proxy), and run it again: what was downloaded is kept.",
      },
    );
  }
  return new LabError("environment/install_failed", `pip could not install the packages.\n${last}`, {
    mend: "Read pip's last lines above. Wheels exist for Python 3.10 to 3.13; ML_INTERN_PYTHON chooses another interpreter.",
  });
}
