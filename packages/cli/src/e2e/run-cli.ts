import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { LoggedEvent, SessionEvent } from "@ml-intern/intern";
import { nodeArguments } from "@ml-intern/testkit";

/** How the command line is started: what `npm test` has built, or the sources. */
export const CLI: readonly string[] = [
  process.execPath,
  ...nodeArguments(new URL("../bin.ts", import.meta.url)),
];

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly finished: Promise<CliResult>;
}

/** A data home of its own for a test; only the Python environments are shared with the machine's, since they take long. */
export async function testHome(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "ml-intern-e2e-"));
  const shared = join(process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern"), "environments");
  await mkdir(shared, { recursive: true });
  await symlink(shared, join(path, "environments"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface CliOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A command that runs it, such as `unshare`, with its arguments. */
  readonly under?: readonly string[];
}

/** Starts the command line as a user's shell would: no keys, no terminal. */
export function startCli(
  args: readonly string[],
  { home, env = {}, cwd, under = [] }: CliOptions,
): RunningCli {
  const { PATH = "", HOME = "", LANG = "C.UTF-8" } = process.env;
  const [command = "", ...rest] = [...under, ...CLI, ...args];
  const child = spawn(command, rest, {
    env: { PATH, HOME, LANG, ML_INTERN_HOME: home, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).finished;
}

/** The event stream of a run with `--json`. */
export function eventsOf({ stdout }: CliResult): SessionEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as SessionEvent);
}

export function keptEvents(result: CliResult): LoggedEvent[] {
  return eventsOf(result).filter((event) => "seq" in event);
}

/** Bodies of all records of one kind, oldest first. */
export function recordsOf<Body>(events: readonly SessionEvent[], kind: string): Body[] {
  return events.flatMap((event) =>
    event.type === "recorded" && event.kind === kind ? [event.body as Body] : [],
  );
}

/** Resolves with the text so far once a line of standard output matches; rejects when the process ends before. */
export function untilOutput({ child, finished }: RunningCli, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = "";
    const onData = (text: string): void => {
      seen += text;
      if (pattern.test(seen)) {
        child.stdout?.off("data", onData);
        resolve(seen);
      }
    };
    child.stdout?.on("data", onData);
    void finished.then(({ code, stderr }) =>
      reject(new Error(`ended with ${code} before ${pattern}\n${stderr}`)),
    );
  });
}
