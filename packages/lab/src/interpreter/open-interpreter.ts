import type { Environment } from "../environments/provision-environment.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

export interface ExecuteOptions {
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
  /** One call at a time; a second waits for the first. */
  execute(code: string, options: ExecuteOptions): Promise<ExecuteResult>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenInterpreterOptions {
  readonly sandbox: Sandbox;
  readonly environment: Environment;
}

/** Opens an interpreter; the process starts with the first call. */
export function openInterpreter(_options: OpenInterpreterOptions): Interpreter {
  throw new Error("not yet");
}
