import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runProgram } from "./run-program.ts";

/** What a Python interpreter says about itself. */
export interface PythonFacts {
  /** The real executable, links resolved. */
  readonly executable: string;
  readonly version: readonly [major: number, minor: number, micro: number];
  /** Folders that it needs to run. */
  readonly prefixes: readonly string[];
  /** The kernel's Landlock version as this interpreter could ask for it; 0 when there is none. */
  readonly landlock: number;
}

const questions = `
import ctypes, os, sys
landlock = ctypes.CDLL(None).syscall(ctypes.c_long(444), None, ctypes.c_size_t(0), ctypes.c_uint32(1))
print(os.path.realpath(sys.executable), *sys.version_info[:3], max(0, landlock), sys.base_prefix, sys.base_exec_prefix, sep="\\n")
`;

/** Asks an interpreter about itself; null when it does not run or lacks ctypes. */
export async function inspectPython(path: string, signal: AbortSignal): Promise<PythonFacts | null> {
  const { exitCode, output } = await runProgram({ argv: [path, "-I", "-S", "-c", questions], signal });
  const [executable, major, minor, micro, landlock, ...prefixes] = output.trim().split("\n");
  if (exitCode !== 0 || executable === undefined || prefixes.length !== 2) return null;
  return {
    executable,
    version: [Number(major), Number(minor), Number(micro)],
    prefixes: [...new Set(prefixes)],
    landlock: Number(landlock),
  };
}

/** Finds a program as a shell would. */
export async function findProgram(
  name: string,
  path: string = process.env.PATH ?? "",
): Promise<string | null> {
  const folders = [...path.split(delimiter), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  for (const folder of folders.filter((entry) => entry.startsWith("/"))) {
    const candidate = join(folder, name);
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  return null;
}
