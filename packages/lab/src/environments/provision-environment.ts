import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LabError } from "../lab-error.ts";
import { findPython } from "./find-python.ts";
import { holdLock } from "./hold-lock.ts";
import type { PythonFacts } from "./inspect-python.ts";
import { hostEnvironment, installError, pipFreeze, pipInstall } from "./pip.ts";
import { installProgress, type ProvisionProgress } from "./provision-progress.ts";
import { runProgram } from "./run-program.ts";

export type EnvironmentName = "base" | "torch";

/** A Python environment that is installed, locked and ready to be bound into a sandbox. */
export interface Environment {
  readonly name: EnvironmentName;
  readonly id: string;
  /** The interpreter, at the same path inside and outside the sandbox. */
  readonly python: string;
  /** What a sandbox must be able to read to run it. */
  readonly readOnlyPaths: readonly string[];
  /** One `name==version` a line, sorted: what is really installed. */
  readonly lock: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

export interface ProvisionEnvironmentOptions {
  readonly name: EnvironmentName;
  readonly home: string;
  readonly onProgress?: (progress: ProvisionProgress) => void;
  readonly signal?: AbortSignal;
}

/** Written last: an environment without it was interrupted, and is made again. */
const markerName = "ml-intern.json";

interface Marker {
  readonly version: 1;
  readonly lock: string;
  readonly prefixes: readonly string[];
}

/**
 * Returns an environment, installing it on first use into `<home>/environments/<id>`. Safe against a second process and
 * against being interrupted; costs milliseconds once it is there. Throws LabError "environment/…" or "disk/full".
 */
export async function provisionEnvironment(options: ProvisionEnvironmentOptions): Promise<Environment> {
  const { name, home, onProgress } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { python, requirements, id, directory, present } = await locate({ name, home, signal });
  if (present !== null) return present;

  await using _lock = await holdLock(`${directory}.lock`, signal);
  const meanwhile = await readMarker(directory);
  if (meanwhile !== null) return describe(name, id, directory, meanwhile);

  const progress = installProgress(requirements.packages, onProgress);
  progress.phase("python", `Python ${python.version.join(".")} at ${python.executable}`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(dirname(directory), { recursive: true });
  try {
    progress.phase("venv", `making ${directory}`);
    await makeVirtualEnvironment(python, directory, signal);
    const interpreter = join(directory, "bin", "python");
    await pipInstall({ python: interpreter, requirements: requirements.path, onLine: progress.line, signal });
    progress.phase("lock", "writing down what was installed");
    await compile(interpreter, directory, signal);
    const marker: Marker = {
      version: 1,
      lock: await pipFreeze(interpreter, signal),
      prefixes: python.prefixes,
    };
    await writeFile(join(directory, `${markerName}.new`), `${JSON.stringify(marker, null, 2)}\n`);
    await rename(join(directory, `${markerName}.new`), join(directory, markerName));
    progress.phase("ready", `${marker.lock.split("\n").length - 1} packages`);
    return describe(name, id, directory, marker);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw (error as NodeJS.ErrnoException).code === "ENOSPC"
      ? installError("No space left on device")
      : error;
  }
}

/** The environment if it is installed, else null. Throws LabError "environment/no_python". */
export async function findEnvironment(options: {
  readonly name: EnvironmentName;
  readonly home: string;
  readonly signal: AbortSignal;
}): Promise<Environment | null> {
  return (await locate(options)).present;
}

interface Place {
  readonly python: PythonFacts;
  readonly requirements: Requirements;
  readonly id: string;
  readonly directory: string;
  readonly present: Environment | null;
}

async function locate(options: {
  readonly name: EnvironmentName;
  readonly home: string;
  readonly signal: AbortSignal;
}): Promise<Place> {
  const { name, home, signal } = options;
  const python = await findPython({ signal });
  const requirements = await readRequirements(name);
  const id = environmentId(name, python, requirements.text);
  const directory = join(home, "environments", id);
  const marker = await readMarker(directory);
  const present = marker === null ? null : describe(name, id, directory, marker);
  return { python, requirements, id, directory, present };
}

/** Which environment an id, such as that of a run's record, belongs to. */
export function environmentNameOf(id: string): EnvironmentName {
  return id.startsWith("torch-") ? "torch" : "base";
}

interface Requirements {
  readonly path: string;
  /** The file with all that it includes. */
  readonly text: string;
  readonly packages: number;
}

async function readRequirements(name: EnvironmentName): Promise<Requirements> {
  const path = fileURLToPath(new URL(`../../python/environments/${name}.txt`, import.meta.url));
  const read = async (file: string): Promise<string> => {
    const lines = (await readFile(file, "utf8"))
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const parts = lines.map((line) =>
      line.startsWith("-r ") ? read(join(dirname(file), line.slice(3))) : line,
    );
    return (await Promise.all(parts)).join("\n");
  };
  const text = await read(path);
  return { path, text, packages: text.split("\n").length };
}

function environmentId(name: EnvironmentName, python: PythonFacts, requirements: string): string {
  const hash = createHash("sha256").update(JSON.stringify([requirements, python.executable, python.version]));
  return `${name}-py${python.version[0]}.${python.version[1]}-${hash.digest("hex").slice(0, 12)}`;
}

async function readMarker(directory: string): Promise<Marker | null> {
  const text = await readFile(join(directory, markerName), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as Marker);
}

function describe(name: EnvironmentName, id: string, directory: string, marker: Marker): Environment {
  const packages = marker.lock.split("\n").flatMap((line) => {
    const [packageName, version] = line.split("==");
    return packageName === undefined || version === undefined ? [] : [{ name: packageName, version }];
  });
  const python = join(directory, "bin", "python");
  return { name, id, python, readOnlyPaths: [directory, ...marker.prefixes], lock: marker.lock, packages };
}

/** Without pip, because Debian's Python can make an environment with it only when python3-venv is installed. */
async function makeVirtualEnvironment(
  python: PythonFacts,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const argv = [python.executable, "-m", "venv", "--without-pip", directory];
  const { exitCode, output } = await runProgram({ argv, env: hostEnvironment(), signal });
  if (exitCode === 0) return;
  throw new LabError("environment/install_failed", `python -m venv failed.\n${output.trim()}`, {
    mend: "Choose a complete Python with ML_INTERN_PYTHON, or install one (`apt-get install python3`).",
  });
}

/** Byte code is written once here: the sandbox cannot write it, and would compile on every start. */
async function compile(interpreter: string, directory: string, signal: AbortSignal): Promise<void> {
  const argv = [interpreter, "-m", "compileall", "-q", "-j", "0", join(directory, "lib")];
  // A package may carry files for another Python that do not compile here; nothing imports them.
  await runProgram({ argv, env: { ...hostEnvironment(), PYTHONDONTWRITEBYTECODE: "" }, signal });
}

/** The variables that make `python` and `pip list` in a sandbox mean this environment. */
export function environmentVariables(environment: Pick<Environment, "python">): Record<string, string> {
  const bin = dirname(environment.python);
  return { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, VIRTUAL_ENV: dirname(bin) };
}
