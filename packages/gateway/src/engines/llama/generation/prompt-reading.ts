import type { Token } from "node-llama-cpp";
import { LIFETIME_MS } from "../../../cache/entries/cache-entry.ts";
import type { GenerateOptions } from "../../engine.ts";
import type { Promised, PromptOwner } from "../memory/prompt-memory.ts";
import type { ReadingPrompt } from "../memory/reading-prompts.ts";
import type { LoadedModel } from "../models/loaded-model.ts";
import type { EvaluationLoop } from "../runtime/evaluation-loop.ts";
import type { Ticket } from "../scheduler/scheduler.ts";
import type { Seat } from "../sequences/seats.ts";
import { LONGEST_PIECE, nextPieceOf, SHARED_PIECE } from "./prompt-pieces.ts";

export interface PromptReadingOptions extends GenerateOptions {
  readonly prompt: readonly Token[];
  readonly seat: Seat;
  readonly ticket: Ticket;
  readonly model: LoadedModel;
  readonly loop: EvaluationLoop;
}

/** Brings a prompt into a seat: what is remembered of it is placed, the rest is read, and then all of it is remembered. */
export class PromptReading {
  readonly #options: PromptReadingOptions;
  readonly #promised: Promised | null;
  #others: ReadingPrompt | null = null;
  /** Tokens that the seat holds, from the beginning. */
  #done = 0;
  #isKept = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: PromptReadingOptions) {
    const { cache } = options;
    const began = Date.now();
    this.#options = options;
    this.#promised = cache
      ? { breakpoints: cache.breakpoints, until: (ttl) => began + LIFETIME_MS[ttl] }
      : null;
  }

  /** Evaluates the prompt, all but its last piece, and returns that: it is left for whoever wants the first token. */
  async readAllButLast(): Promise<readonly Token[]> {
    const { prompt, seat, ticket, model, loop, signal } = this.#options;
    const { memory } = model;
    this.#others = await memory.begin(seat, prompt, this.#owner);
    const place = (): Promise<number> => memory.place(seat, prompt, this.#owner);
    this.#done = await loop.read(place, { signal, goesFirst: true });
    const pauses = memory.pauses(prompt, this.#promised);
    for (;;) {
      signal.throwIfAborted();
      const longest = loop.writers > 0 ? SHARED_PIECE : LONGEST_PIECE;
      const length = nextPieceOf({ done: this.#done, length: prompt.length, pauses }, longest);
      const piece = prompt.slice(this.#done, this.#done + length);
      ticket.use(length);
      if (this.#done + length === prompt.length) return piece;
      await loop.read(() => this.#read(piece), { signal });
      if (pauses.includes(this.#done)) await loop.read(() => this.#keep(), { signal });
    }
  }

  /**
   * Evaluates the last piece, by which the seat holds all of the prompt. Its state is kept for others before anything
   * else is evaluated, but who waits for the result does not wait for that.
   */
  readLast<T>(evaluateLast: () => Promise<T>): Promise<T> {
    const { prompt, loop, signal } = this.#options;
    return new Promise((resolve, reject) => {
      const read = async (): Promise<void> => {
        resolve(await evaluateLast());
        this.#done = prompt.length;
        await this.#keep();
        this.#isKept = true;
        this.#others?.settle();
      };
      this.#last = loop.read(read, { signal, goesFirst: true }).catch(reject);
    });
  }

  /** Keeps what was read of a prompt whose client has left. Does nothing where all of it is kept already. */
  async end({ failed }: { readonly failed: boolean }): Promise<void> {
    const { loop } = this.#options;
    try {
      await this.#last;
      if (this.#isKept || failed || this.#done === 0) return;
      await loop.read(() => this.#keep(), { signal: new AbortController().signal });
    } finally {
      this.#others?.settle();
    }
  }

  get #owner(): PromptOwner {
    const { workspace, signal } = this.#options;
    return { workspace, signal };
  }

  async #read(piece: readonly Token[]): Promise<void> {
    const { seat, model } = this.#options;
    const began = performance.now();
    await evaluate(seat, piece);
    this.#done += piece.length;
    model.memory.cost.sawReading(piece.length, performance.now() - began);
  }

  async #keep(): Promise<void> {
    const { prompt, seat, model } = this.#options;
    seat.hasRead(this.#done);
    await model.memory.keep(seat, prompt, { ...this.#owner, length: this.#done, promised: this.#promised });
  }
}

export function evaluate({ sequence }: Seat, tokens: readonly Token[]): Promise<void> {
  return sequence.evaluateWithoutGeneratingNewTokens([...tokens]);
}
