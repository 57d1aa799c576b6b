import type { LlamaContextSequence, LlamaGrammarEvaluationState, Token } from "node-llama-cpp";
import { isDetermined } from "../memory/first-tokens.ts";
import type { EvaluationLoop } from "../runtime/evaluation-loop.ts";
import { drawing, type Sampling } from "./sampling.ts";

export interface TokenSourceOptions {
  readonly sequence: LlamaContextSequence;
  /** The last tokens of the prompt, which are not evaluated yet. */
  readonly prompt: readonly Token[];
  readonly sampling: Sampling;
  /** Gives the first token, by evaluating the end of the prompt if need be. */
  readonly read: (evaluate: () => Promise<Token | null>) => Promise<Token | null>;
  readonly loop: EvaluationLoop;
  /** Cancels the wait; an evaluation that runs is finished first. */
  readonly signal: AbortSignal;
}

/** The tokens that a model writes after a prompt, one at a time. */
export class TokenSource {
  /** Restricts the next token, when there is one. It follows the tokens that are sampled under it. */
  grammar: LlamaGrammarEvaluationState | undefined;
  readonly #options: TokenSourceOptions;
  #tokens: ReturnType<LlamaContextSequence["evaluate"]> | undefined;
  #isReading = true;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /**
   * The next token, or null when the model ends its answer. The token before it is put into the conversation first,
   * with `inserted` behind it.
   */
  async next(before?: Token, inserted: readonly Token[] = []): Promise<Token | null> {
    const { loop, read, prompt, sequence, sampling, signal } = this.#options;
    const given = before === undefined ? undefined : [before, ...inserted];
    const evaluate = async (): Promise<Token | null> => {
      // What is given to a generator that has not begun is not seen by it.
      this.#tokens ??= this.#evaluate(given ?? prompt);
      const running = this.#tokens.next(given);
      this.#running = running.catch(() => {});
      const { value, done } = await running;
      return done ? null : (value ?? null);
    };
    const isReading = this.#isReading;
    this.#isReading = false;
    const token = isReading
      ? await read(evaluate)
      : await loop.write(sequence.context, evaluate, { signal, isRepeatable: isDetermined(sampling) });
    signal.throwIfAborted();
    return token;
  }

  /** Samples the newest token again, under the grammar that is set by now. */
  async again(): Promise<Token | null> {
    const { sequence } = this.#options;
    const last = sequence.nextTokenIndex - 1;
    const token = sequence.contextTokens[last];
    if (token === undefined) return null;
    await sequence.eraseContextTokenRanges([{ start: last, end: last + 1 }]);
    return this.next(token);
  }

  /** Waits for an evaluation that still runs; the sequence is free for others after that. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running;
    await this.#tokens?.return();
  }

  #evaluate(tokens: readonly Token[]): ReturnType<LlamaContextSequence["evaluate"]> {
    const { sequence, sampling } = this.#options;
    return sequence.evaluate([...tokens], {
      ...drawing(sampling),
      grammarEvaluationState: () => this.grammar,
    });
  }
}
