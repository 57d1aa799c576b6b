import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { hideSecretsOf } from "./hide-secrets.ts";
import { type McpFailures, mcpFailures } from "./mcp-failures.ts";
import type { McpServerSettings } from "./mcp-settings.ts";
import { type OpenedTransport, openTransport } from "./open-transport.ts";
import { plainText } from "./plain-text.ts";

export interface McpResult {
  readonly content: readonly { readonly type: string; readonly [part: string]: unknown }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean | undefined;
}

/** Tolerant on purpose: what a server adds to a result or leaves out of it is its own affair. */
const resultSchema: z.ZodType<McpResult> = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});

const listSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

export interface McpCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What the server says of its progress. */
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

interface Open {
  readonly client: Client;
  readonly transport: OpenedTransport;
  /** Aborts when the connection is gone. */
  readonly lost: AbortController;
}

const MOST_PAGES = 20;
const LONGEST_PAUSE_MS = 60_000;

/**
 * The connection to one server. It is made when it is first needed and, after it was lost, again at a later call: not
 * before a pause that doubles with each failure, from 1 s to 60 s.
 */
export class McpConnection implements AsyncDisposable {
  readonly #settings: McpServerSettings;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #hide: (text: string) => string;
  readonly #failures: McpFailures;
  readonly #closed = new AbortController();
  #open: Open | null = null;
  #opening: Promise<Open> | null = null;
  /** The newest, open or not. */
  #transport: OpenedTransport | null = null;
  #losses = 0;
  #cause = "";
  #nextTry = 0;

  constructor(settings: McpServerSettings, env: Readonly<Record<string, string | undefined>>) {
    this.#settings = settings;
    this.#env = env;
    this.#hide = hideSecretsOf(settings);
    this.#failures = mcpFailures(settings.name, this.#hide);
  }

  get name(): string {
    return this.#settings.name;
  }

  /**
   * The tools as the server lists them, unchecked; at most 20 pages, and what comes within the time of a start. Throws a
   * `ToolFailure`.
   */
  async listTools(signal: AbortSignal): Promise<readonly unknown[]> {
    const tools: unknown[] = [];
    await this.#opened(signal);
    const end = performance.now() + this.#settings.startMs;
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const params = cursor === undefined ? {} : { cursor };
      const answer = await this.#request(
        { method: "tools/list", params },
        { schema: listSchema, ms: Math.max(1, Math.ceil(end - performance.now())), signal },
      );
      tools.push(...answer.tools);
      cursor = answer.nextCursor;
      if (cursor === undefined) break;
    }
    return tools;
  }

  /**
   * Calls a tool. Aborting tells the server so. A call that was cut off is never made again: it may have had its effect.
   * Throws a `ToolFailure` for whatever does not end in a result.
   */
  async callTool({ tool, args, onProgress, signal }: McpCall): Promise<McpResult> {
    const result = await this.#request(
      { method: "tools/call", params: { name: tool, arguments: args } },
      { schema: resultSchema, ms: this.#settings.callMs, onProgress, signal },
    );
    this.#losses = 0;
    return result;
  }

  /** Takes what the configuration gave to the server out of a text. */
  hideSecrets(text: string): string {
    return this.#hide(text);
  }

  async #request<Answer>(
    request: { method: string; params: Record<string, unknown> },
    options: {
      readonly schema: z.ZodType<Answer>;
      readonly ms: number;
      readonly onProgress?: (text: string) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<Answer> {
    const { schema, ms, onProgress } = options;
    const { client, transport, lost } = await this.#opened(options.signal);
    const timeout = AbortSignal.timeout(ms);
    // Its own, since the client keeps listening on it after the answer.
    const call = new AbortController();
    const ended = AbortSignal.any([options.signal, timeout, lost.signal]);
    const stop = (): void => call.abort(options.signal.aborted ? "stopped" : "timed out");
    ended.addEventListener("abort", stop, { once: true });
    try {
      ended.throwIfAborted();
      return await client.request(request, schema, {
        signal: call.signal,
        timeout: ms + 60_000,
        ...(onProgress === undefined
          ? {}
          : { onprogress: ({ message }) => message && onProgress(plainText(message.slice(0, 200))) }),
      });
    } catch (error) {
      options.signal.throwIfAborted();
      if (lost.signal.aborted) throw this.#failures.lost(this.#cause);
      if (timeout.aborted) throw this.#failures.slow(ms);
      if (error instanceof McpError) throw this.#failures.refused(error);
      if (error instanceof z.core.$ZodError) throw this.#failures.nonsense(error);
      this.#lose(transport, lost, describe(error));
      throw this.#failures.lost(this.#cause);
    } finally {
      ended.removeEventListener("abort", stop);
    }
  }

  async #opened(signal: AbortSignal): Promise<Open> {
    if (this.#open !== null) return this.#open;
    if (this.#opening === null) {
      if (this.#closed.signal.aborted)
        throw this.#failures.down("the session is over", "Nothing more can be called.");
      const seconds = Math.ceil((this.#nextTry - performance.now()) / 1000);
      if (seconds > 0)
        throw this.#failures.down(this.#cause, `It is tried again at the first call after ${seconds} s.`);
      this.#opening = this.#connect().finally(() => {
        this.#opening = null;
      });
    }
    return await untilAborted(this.#opening, signal);
  }

  async #connect(): Promise<Open> {
    const lost = new AbortController();
    const limit = AbortSignal.timeout(this.#settings.startMs);
    const transport = openTransport(this.#settings, this.#env);
    this.#transport = transport;
    try {
      const client = await untilAborted(
        transport.connect(newClient, (error) => this.#lose(transport, lost, describe(error))),
        AbortSignal.any([limit, this.#closed.signal]),
      );
      lost.signal.throwIfAborted();
      const open = { client, transport, lost };
      client.onclose = () => this.#lose(transport, lost, "the connection was closed");
      this.#open = open;
      return open;
    } catch (error) {
      const seconds = this.#settings.startMs / 1000;
      const cause = limit.aborted ? `it did not answer within ${seconds} s` : describe(error);
      this.#lose(transport, lost, cause);
      throw this.#failures.down(this.#cause, "Go on without it; it is tried again at a later call.");
    }
  }

  #lose(transport: OpenedTransport, lost: AbortController, cause: string): void {
    if (lost.signal.aborted) return;
    this.#cause = [cause, transport.describe()].filter((part) => part !== "").join("; ");
    this.#open = null;
    this.#nextTry = performance.now() + Math.min(1000 * 2 ** this.#losses, LONGEST_PAUSE_MS);
    this.#losses++;
    lost.abort();
    void transport.close(); // never rejects
  }

  /** May be called twice. A server that does not end by itself is killed within 5 s. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#opening?.catch(() => undefined); // nothing is left open then
    if (this.#open !== null) this.#lose(this.#open.transport, this.#open.lost, "the session is over");
    await this.#transport?.close();
  }
}

function newClient(): Client {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return new Client({ name: "ml-intern", version }, { capabilities: {} });
}

/** The signal ends the waiting, not what is waited for. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`.slice(0, 500).trim();
}
