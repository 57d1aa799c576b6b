import { spawn } from "node:child_process";

export interface RunProgramOptions {
  readonly argv: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly onLine?: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ProgramResult {
  /** Null when a signal ended it, or when it could not be started at all. */
  readonly exitCode: number | null;
  /** Standard output and standard error, the last 64 KiB. */
  readonly output: string;
}

const keptCharacters = 64 * 1024;

/**
 * Runs a program of the host to its end; for our own steps, never for code that the intern wrote. A program that is
 * missing or fails is a result. Abort kills its process group and rejects.
 */
export async function runProgram(options: RunProgramOptions): Promise<ProgramResult> {
  const { argv, env, cwd, onLine, signal } = options;
  signal.throwIfAborted();
  const [file = "", ...args] = argv;
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const stop = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  let output = "";
  let line = "";
  const take = (text: string): void => {
    output = (output + text).slice(-keptCharacters);
    const lines = (line + text).split("\n");
    line = lines.pop() ?? "";
    for (const full of lines) onLine?.(full);
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  try {
    const exitCode = await new Promise<number | null>((resolve) => {
      child.once("error", (error) => {
        output += error.message;
        resolve(null);
      });
      child.once("close", resolve);
    });
    signal.throwIfAborted();
    if (line !== "") onLine?.(line);
    return { exitCode, output };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
