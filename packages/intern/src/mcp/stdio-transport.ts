import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import { LineReader } from "./line-reader.ts";
import { LARGEST_MESSAGE, MEBIBYTES } from "./message-size.ts";
import { killAtExit, killGroup } from "./process-groups.ts";

export interface StdioTransportOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | null;
  /** All that the process sees of an environment. */
  readonly env: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 1_500;
const KEPT_STDERR = 2_000;

/**
 * An MCP server as a child process, one message a line. It is the leader of a process group of its own, which is killed
 * when the server ends or is closed, or when this process exits. It is asked to end by the end of its input, and that also
 * happens when this process is killed.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: StdioTransportOptions;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | null = null;
  #closing: Promise<void> | null = null;
  #fault: string | null = null;
  #strayLines = 0;
  #lastStray = "";
  #stderr = "";

  constructor(options: StdioTransportOptions) {
    this.#options = options;
  }

  /** What is known of why there is no connection (any more), from the process itself: how it ended, its last words. */
  describe(): string {
    const child = this.#child;
    const ended =
      child?.pid === undefined || (child.exitCode === null && child.signalCode === null)
        ? null
        : `it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`;
    const strays =
      this.#strayLines === 0
        ? null
        : `it wrote ${this.#strayLines} lines that are no MCP messages, such as "${this.#lastStray}"`;
    const words = this.#stderr.trimEnd().split("\n").at(-1)?.slice(-300) ?? "";
    const said = words === "" ? null : `its standard error ends in "${words}"`;
    return [this.#fault, ended, strays, said].filter((part) => part !== null).join("; ");
  }

  async start(): Promise<void> {
    const { command, args, cwd, env } = this.#options;
    const child = spawn(command, args, {
      env,
      ...(cwd === null ? {} : { cwd }),
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    const reader = new LineReader({
      limit: LARGEST_MESSAGE,
      onLine: (line) => this.#receive(line),
      tooLong: () => {
        this.#fault = `it sent a message of more than ${MEBIBYTES} MiB`;
        if (child.pid !== undefined) killGroup(child.pid, "SIGKILL");
      },
    });
    child.stdout.on("data", (bytes: Buffer) => reader.write(bytes));
    child.stderr.on("data", (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString("utf8")).slice(-KEPT_STDERR);
    });
    // What these tell is told by `close`, too: a server that has stopped reading, a program that is not there.
    child.on("error", (error) => this.onerror?.(error));
    child.stdin.on("error", (error) => this.onerror?.(error));
    child.once("close", () => this.onclose?.());
    const forget = child.pid === undefined ? () => undefined : killAtExit(child.pid);
    child.once("exit", () => {
      forget();
      void this.#afterExit(child);
    });
    await once(child, "spawn").catch((error: NodeJS.ErrnoException) => {
      const missing =
        cwd === null
          ? `there is no program ${command}`
          : `there is no program ${command}, or no folder ${cwd}`;
      throw error.code === "ENOENT" ? new Error(missing) : error;
    });
  }

  #receive(line: string): void {
    if (line.trim() === "") return;
    const message = parseMessage(line);
    if (message !== null) {
      this.onmessage?.(message);
    } else {
      this.#strayLines++;
      this.#lastStray = line.slice(0, 100);
    }
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (child === null || !child.stdin.writable) throw new Error("the server takes no more input");
    // Not awaited: a server that does not read must not hold up the caller, who has a time limit of its own.
    child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Ends input, then terminates, then kills, with 1.5 s between. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    child.stdin.end();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await endsWithin(child, PATIENCE_MS)) break;
      killGroup(child.pid, signal);
    }
    await endsWithin(child, PATIENCE_MS);
  }

  /** What the server has started ends with it; what still holds its output open has left the group and is not waited for. */
  async #afterExit(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
    if (child.pid !== undefined) killGroup(child.pid, "SIGKILL");
    await wait(PATIENCE_MS, undefined, { ref: false });
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }
}

async function endsWithin(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  ms: number,
): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const patience = new AbortController();
  const ended = once(child, "exit", { signal: patience.signal }).then(
    () => true,
    () => false, // only the abort below ends it so
  );
  const result = await Promise.race([ended, wait(ms, false, { signal: patience.signal }).catch(() => false)]);
  patience.abort();
  return result;
}

function parseMessage(line: string): JSONRPCMessage | null {
  try {
    return JSONRPCMessageSchema.parse(JSON.parse(line));
  } catch {
    return null; // counted as a stray line
  }
}
