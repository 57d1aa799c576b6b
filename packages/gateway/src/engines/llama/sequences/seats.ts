import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { keptTokens } from "../generation/prompt-pieces.ts";
import { chooseSeat, commonLength } from "./choose-seat.ts";

/** A place for one conversation in a model's memory. */
export interface Seat {
  readonly sequence: LlamaContextSequence;
}

interface OwnSeat extends Seat {
  sequence: LlamaContextSequence;
  isFree: boolean;
  usedAt: number;
  readonly tokens: readonly Token[];
}

/** The sequences of a context. Each keeps its conversation after the answer, so that the next turn goes on from there. */
export class Seats {
  readonly #context: LlamaContext;
  readonly #seats: readonly OwnSeat[];
  #clock = 0;

  constructor(context: LlamaContext) {
    this.#context = context;
    this.#seats = Array.from({ length: context.totalSequences }, () => ownSeat(context.getSequence()));
  }

  get count(): number {
    return this.#seats.length;
  }

  /** Takes the best free seat for the prompt. The scheduler admits no more requests than there are seats. */
  take(prompt: readonly Token[]): Seat {
    const seat = chooseSeat(this.#seats, prompt);
    if (!seat) throw new Error("More answers were started than there are sequences");
    seat.isFree = false;
    return seat;
  }

  /** Gives a seat back. After a failure its sequence is thrown away, since nobody knows what it holds. */
  async give(taken: Seat, { failed }: { readonly failed: boolean }): Promise<void> {
    const seat = this.#seats.find((each) => each === taken);
    if (!seat || seat.isFree) return;
    seat.usedAt = ++this.#clock;
    try {
      if (!failed) return;
      await seat.sequence.dispose();
      seat.sequence = this.#context.getSequence();
    } finally {
      seat.isFree = true;
    }
  }
}

function ownSeat(sequence: LlamaContextSequence): OwnSeat {
  return {
    sequence,
    isFree: true,
    usedAt: 0,
    get tokens() {
      return this.sequence.contextTokens;
    },
  };
}

/**
 * Brings a seat to where it holds a beginning of the prompt and nothing else, and says how many tokens that is. Here a
 * store of prompts can put in what it has; now it is what the seat held before.
 */
export async function placePrefix({ sequence }: Seat, prompt: readonly Token[]): Promise<number> {
  const kept = keptTokens(commonLength(sequence.contextTokens, prompt), prompt.length);
  await sequence.adaptStateToTokens(prompt.slice(0, kept), false);
  return sequence.nextTokenIndex;
}
