import type { Token } from "node-llama-cpp";
import { LIFETIME_MS } from "../../../cache/entries/cache-entry.ts";
import type { GenerateOptions } from "../../engine.ts";
import { type FirstToken, isDetermined } from "../memory/first-tokens.ts";
import type { Promised, PromptOwner } from "../memory/prompt-memory.ts";
import type { ReadingPrompt } from "../memory/reading-prompts.ts";
import type { LoadedModel } from "../models/loaded-model.ts";
import type { EvaluationLoop } from "../runtime/evaluation-loop.ts";
import type { Ticket } from "../scheduler/scheduler.ts";
import type { Seat } from "../sequences/seats.ts";
import { drawAgain } from "./draw-again.ts";
import { LONGEST_PIECE, nextPieceOf, SHARED_PIECE } from "./prompt-pieces.ts";
import type { Sampling } from "./sampling.ts";

export interface PromptReadingOptions extends GenerateOptions {
  readonly prompt: readonly Token[];
  readonly seat: Seat;
  readonly ticket: Ticket;
  readonly model: LoadedModel;
  readonly loop: EvaluationLoop;
  /** How the first token is drawn; null where more than the prompt decides about it. */
  readonly sampling: Sampling | null;
  /** Whether nobody wants a token. */
  readonly isPrewarm: boolean;
}

/** For how many of those who come with the same prompt again a first token is drawn beforehand. */
const SPARE_DRAWS = 4;

/** Brings a prompt into a seat: what is remembered of it is placed, the rest is read, and then all of it is remembered. */
export class PromptReading {
  readonly #options: PromptReadingOptions;
  readonly #promised: Promised | null;
  #others: ReadingPrompt | null = null;
  /** Tokens that the seat holds, from the beginning. */
  #done = 0;
  #first: FirstToken | null = null;
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

  /**
   * Evaluates the prompt, all but its last piece, and returns that: it is left for whoever wants the first token. It is
   * empty where all of the prompt was there and its first token is known.
   */
  async readAllButLast(): Promise<readonly Token[]> {
    const { prompt, seat, ticket, model, loop, signal } = this.#options;
    const { memory } = model;
    this.#others = await memory.begin(seat, prompt, this.#owner);
    const isEndKnown = this.#takeFirst();
    const place = (): Promise<number> => memory.place(seat, prompt, { ...this.#owner, isEndKnown });
    this.#done = await loop.read(place, { signal, goesFirst: true });
    if (this.#done === prompt.length) return [];
    this.#first = null;
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
   * Evaluates the last piece, by which the seat holds all of the prompt, and gives the first token; null where the model
   * ends its answer at once. The state is kept for others before anything else is evaluated, but who waits for the
   * token does not wait for that.
   */
  readLast(evaluateLast: () => Promise<Token | null>): Promise<Token | null> {
    const { prompt, loop, signal } = this.#options;
    return new Promise((resolve, reject) => {
      const read = async (): Promise<void> => {
        if (this.#done === prompt.length) {
          resolve(this.#first?.token ?? null);
        } else {
          const token = await loop.threads.run("read", evaluateLast);
          resolve(token);
          await this.#keepFirst({ token });
          this.#done = prompt.length;
        }
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

  /** Says whether the first token is known, and takes it unless nobody wants it. */
  #takeFirst(): boolean {
    const { prompt, model, sampling, workspace, isPrewarm } = this.#options;
    if (!sampling) return false;
    const { firstTokens } = model.memory;
    if (isPrewarm) return firstTokens.has({ workspace, prompt, sampling });
    this.#first = firstTokens.take({ workspace, prompt, sampling });
    return this.#first !== null;
  }

  async #keepFirst(first: FirstToken): Promise<void> {
    const { prompt, seat, model, sampling, workspace, isPrewarm, cache } = this.#options;
    if (!sampling) return;
    const isReusable = isPrewarm || isDetermined(sampling);
    const isWorthDrawing = !isDetermined(sampling) && (cache?.breakpoints.length ?? 0) > 0;
    const spare = isWorthDrawing ? await drawAgain(seat.sequence, sampling, SPARE_DRAWS) : [];
    const draws = isReusable ? [first, ...spare] : spare;
    model.memory.firstTokens.keep({ workspace, prompt, sampling }, draws);
  }

  async #read(piece: readonly Token[]): Promise<void> {
    const { seat, model, loop } = this.#options;
    const began = performance.now();
    await loop.threads.run("read", () => evaluate(seat, piece));
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
