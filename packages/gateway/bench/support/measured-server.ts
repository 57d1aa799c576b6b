import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type MessageBody, type TimedMessage, timedMessage } from "./timed-message.ts";

export interface MeasuredServerOptions {
  /** Of the GGUF file; its model is `llama/m`. */
  readonly path: string;
  readonly contextSize: number;
  /** Of states and entries. */
  readonly folder: string;
  readonly diskLimit: number;
  readonly memoryLimit: number;
}

/** An answer, and where its prompt came from. */
export interface MeasuredMessage extends TimedMessage {
  readonly promptTokens: number;
  /** Tokens of the prompt that need not be read, and of them those that were on disk only. */
  readonly reused: number;
  readonly fromDisk: number;
  /** From sending the request to when reading its prompt begins. */
  readonly placedMs: number;
}

/** Milliseconds. */
export interface Taken {
  /** By llama.cpp. */
  readonly evaluate: number;
  readonly save: number;
  /** By the contract of the cache; in it what the engine measured for it, by template and tokenizer. */
  readonly plan: number;
  readonly measure: number;
  /** By everything that runs in JavaScript, of the processor, since it started. */
  readonly own: number;
  /** Bytes that the process has in memory. */
  readonly rss: number;
}

interface Placed {
  readonly tokens: number;
  readonly held: number;
  readonly restored: number;
  readonly fromDisk: number;
  /** Nanoseconds on the clock that all processes share. */
  readonly at: string;
}

/** What the process says: one thing in each message. */
interface MeasuredSaid {
  readonly url: string;
  readonly placed: Placed;
  readonly taken: Taken;
}

/** The gateway over an embedded model, in a process of its own that says what it does; one request at a time. */
export class MeasuredServer {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  static async start(options: MeasuredServerOptions): Promise<MeasuredServer> {
    const child = fork(new URL("../measured-llama-process.ts", import.meta.url), [JSON.stringify(options)], {
      execArgv: ["--conditions=source", "--import", "tsx"],
    });
    return new MeasuredServer(child, await said(child, "url"));
  }

  async ask(request: MessageBody): Promise<MeasuredMessage> {
    const began = process.hrtime.bigint();
    const [answer, placed] = await Promise.all([
      timedMessage(this.#url, request),
      said(this.#child, "placed"),
    ]);
    const { tokens, held, restored, fromDisk, at } = placed;
    const placedMs = Number(BigInt(at) - began) / 1e6;
    return { ...answer, promptTokens: tokens, reused: held + restored, fromDisk, placedMs };
  }

  /** What took how long since this was last asked. */
  taken(): Promise<Taken> {
    const answer = said(this.#child, "taken");
    this.#child.send("taken?");
    return answer;
  }

  async stop(): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, "exit");
  }
}

function said<What extends keyof MeasuredSaid>(child: ChildProcess, what: What): Promise<MeasuredSaid[What]> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(new Error("The server has ended"));
    const listen = (message: Partial<MeasuredSaid>): void => {
      const value = message[what];
      if (value === undefined) return;
      child.off("message", listen);
      child.off("exit", end);
      resolve(value);
    };
    child.on("message", listen);
    child.once("exit", end);
  });
}
