import { LabError } from "../lab-error.ts";
import { findProgram, inspectPython, type PythonFacts } from "./inspect-python.ts";

const oldest = 10;
const mend =
  "Install Python 3.10 or newer (`apt-get install python3`), or set ML_INTERN_PYTHON to the path of an interpreter.";

export interface FindPythonOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Finds the interpreter that environments are made with: ML_INTERN_PYTHON, then python3 on the PATH, then the system's. */
export async function findPython({ env = process.env, signal }: FindPythonOptions): Promise<PythonFacts> {
  const chosen = env.ML_INTERN_PYTHON;
  const candidates =
    chosen === undefined || chosen === ""
      ? [await findProgram("python3", env.PATH ?? ""), "/usr/bin/python3"].filter((path) => path !== null)
      : [chosen];
  const seen: string[] = [];
  for (const candidate of new Set(candidates)) {
    const facts = await inspectPython(candidate, signal);
    if (facts !== null && facts.version[0] === 3 && facts.version[1] >= oldest) return facts;
    seen.push(
      facts === null ? `${candidate} does not run` : `${candidate} is Python ${facts.version.join(".")}`,
    );
  }
  const found = seen.length === 0 ? "there is no python3 on the PATH" : seen.join(", ");
  throw new LabError("environment/no_python", `No usable Python 3.10 or newer: ${found}.`, { mend });
}
