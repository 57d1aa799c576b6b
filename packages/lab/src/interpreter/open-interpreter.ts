import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { type Environment, environmentVariables } from "../environments/provision-environment.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { Sandbox, SandboxProcess } from "../sandbox/sandbox.ts";
import { type CallOutput, callOutput } from "./call-output.ts";

export interface ExecuteOptions {
  /** Default: two minutes. */
  readonly timeoutMs?: number;
  readonly onOutput?: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface ExecuteResult {
  /** What the code printed, bounded. */
  readonly output: string;
  /** The repr of the last expression, or null when there is none. */
  readonly value: string | null;
  /** The traceback, or why the code was stopped; null when it ran through. */
  readonly error: string | null;
  /** True when the interpreter was lost: variables of earlier calls are gone. */
  readonly restarted: boolean;
}

/** A Python process in the sandbox that keeps its variables from one call to the next. */
export interface Interpreter {
  /**
   * Runs code; one call at a time, a second waits for the first. After the timeout or an abort the code is interrupted
   * as by Ctrl-C, and when that does not help the process is killed and the next call starts with an empty one.
   */
  execute(code: string, options: ExecuteOptions): Promise<ExecuteResult>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenInterpreterOptions {
  readonly sandbox: Sandbox;
  readonly environment: Environment;
  readonly limits?: Partial<Limits>;
}

const driver = readFileSync(new URL("../../python/interpreter.py", import.meta.url), "utf8");
const defaultTimeoutMs = 120_000;
/** How long an interrupted call has before its process is killed. */
const graceMs = 2000;
const longestReply = 256 * 1024;

interface Reply {
  readonly value: string | null;
  readonly error: string | null;
}

interface Session {
  readonly process: SandboxProcess;
  readonly channel: Duplex;
  readonly lifetime: AbortController;
  /** Where output goes now; between calls nobody listens. */
  sink: CallOutput | null;
  onReply: ((reply: Reply | null) => void) | null;
}

/** Opens an interpreter; the process starts with the first call. */
export function openInterpreter({ sandbox, environment, limits }: OpenInterpreterOptions): Interpreter {
  let session: Session | null = null;
  let lost = false;
  let calls = 0;
  let previous: Promise<unknown> = Promise.resolve();

  const start = async (): Promise<Session> => {
    const lifetime = new AbortController();
    let opened: Session | null = null;
    const process = await sandbox.spawn({
      argv: [environment.python, "-c", driver],
      env: environmentVariables(environment),
      channel: true,
      // Output is bounded for each call; over its whole life the process may print as much as it likes.
      limits: { ...limits, outputBytes: Number.MAX_SAFE_INTEGER },
      onOutput: (text) => opened?.sink?.take(text),
      signal: lifetime.signal,
    });
    if (process.channel === null) throw new Error("an interpreter's process has a channel");
    const created: Session = { process, channel: process.channel, lifetime, sink: null, onReply: null };
    opened = created;
    listen(created);
    const gone = (): void => {
      if (session === created) {
        session = null;
        lost = created.onReply === null;
      }
      created.onReply?.(null);
    };
    process.finished.then(gone, gone);
    return created;
  };

  const run = async (code: string, options: ExecuteOptions): Promise<ExecuteResult> => {
    options.signal.throwIfAborted();
    session ??= await start();
    const current = session;
    const restarted = lost;
    lost = false;
    const id = ++calls;
    const output = callOutput(id, options.onOutput);
    current.sink = output;
    const reply = new Promise<Reply | null>((resolve) => {
      current.onReply = resolve;
    });
    const ask = (message: object): boolean => current.channel.write(`${JSON.stringify(message)}\n`);
    const interruption = interruptOn(options, {
      interrupt: () => ask({ interrupt: true }),
      kill: () => current.process.kill(),
    });
    try {
      ask({ id, code });
      const answer = await reply;
      if (answer !== null) await output.ended();
      const reason = interruption.reason();
      if (answer !== null) {
        const error =
          reason === null ? answer.error : `${reason}, and was interrupted.\n${answer.error ?? ""}`;
        return { output: output.text(), value: answer.value, error, restarted };
      }
      if (session === current) session = null;
      const { ended } = await current.process.finished;
      const cause = reason === null ? `The interpreter ended (${ended})` : `${reason}, and had to be killed`;
      const error = `${cause}. It starts again with the next call; its variables are gone.`;
      return { output: output.text(), value: null, error, restarted: true };
    } finally {
      interruption.stop();
      current.sink = null;
      current.onReply = null;
    }
  };

  return {
    execute(code, options) {
      const result = previous.then(() => run(code, options));
      previous = result.catch(() => {});
      return result;
    },
    async [Symbol.asyncDispose]() {
      const last = session;
      session = null;
      last?.lifetime.abort();
      await last?.process.finished;
    },
  };
}

/** Passes replies on. What the code itself writes on the channel is no reply, or is one about itself: nothing is lost. */
function listen(session: Session): void {
  let text = "";
  session.channel.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = (lines.pop() ?? "").slice(0, longestReply);
    for (const line of lines) {
      const reply = parseReply(line);
      if (reply !== null) session.onReply?.(reply);
    }
  });
}

function parseReply(line: string): Reply | null {
  try {
    const { value, error } = JSON.parse(line) as { value?: unknown; error?: unknown };
    return {
      value: typeof value === "string" ? value : null,
      error: typeof error === "string" ? error : null,
    };
  } catch {
    return null; // not from our driver
  }
}

interface Interruption {
  /** Why the call was stopped, or null. */
  reason(): string | null;
  stop(): void;
}

function interruptOn(
  { timeoutMs = defaultTimeoutMs, signal }: ExecuteOptions,
  actions: { readonly interrupt: () => void; readonly kill: () => void },
): Interruption {
  let why: string | null = null;
  let killer: NodeJS.Timeout | undefined;
  const interrupt = (reason: string): void => {
    if (why !== null) return;
    why = reason;
    actions.interrupt();
    killer = setTimeout(actions.kill, graceMs);
  };
  const timer = setTimeout(() => interrupt(`The code ran longer than ${timeoutMs / 1000} s`), timeoutMs);
  const onAbort = (): void => interrupt("The code was cancelled");
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    reason: () => why,
    stop() {
      clearTimeout(timer);
      clearTimeout(killer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
