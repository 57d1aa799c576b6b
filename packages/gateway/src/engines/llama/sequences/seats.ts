import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { chooseSeat, type SeatState } from "./choose-seat.ts";

/** A place for one conversation in a model's memory. */
export interface Seat {
  readonly sequence: LlamaContextSequence;
  /**
   * How many tokens, from the first one, were read as part of a prompt. What the model wrote behind them is computed
   * token by token and rounded differently.
   */
  readonly readTokens: number;
  /** What lies before this token cannot be gone back to, but for the very beginning. */
  readonly floor: number;
  /** Whether nothing of what it holds may be kept or gone on from: the workspace's prompts were cleared meanwhile. */
  readonly isForgotten: boolean;
  /** The sequence holds this many tokens, all of them read. */
  hasRead(tokens: number): void;
  /** The sequence holds a restored state of this many tokens; see `RestoreResult`. */
  wasRestored(tokens: number, floor: number): void;
  /** Throws away a sequence of which nobody knows what it holds, and takes a new one. */
  renew(): Promise<void>;
}

/** The sequences of a context. Each keeps its conversation after the answer, so that the next turn goes on from there. */
export class Seats {
  readonly #seats: readonly OwnSeat[];
  #clock = 0;

  constructor(context: LlamaContext) {
    this.#seats = Array.from({ length: context.totalSequences }, () => new OwnSeat(context));
  }

  get count(): number {
    return this.#seats.length;
  }

  /**
   * Takes the best free seat for the prompt. The scheduler admits no more requests than there are seats. What another
   * workspace has left in a seat is never gone on from.
   */
  take(prompt: readonly Token[], workspace: string): Seat {
    const seat = this.#choose(prompt, workspace);
    if (!seat) throw new Error("More answers were started than there are sequences");
    seat.isFree = false;
    if (!seat.isOf(workspace)) seat.hasRead(0);
    seat.workspace = workspace;
    seat.isForgotten = false;
    return seat;
  }

  /** The seat that a prompt would get now, where it is one that its workspace has used last. */
  ownFor(prompt: readonly Token[], workspace: string): Seat | null {
    const seat = this.#choose(prompt, workspace);
    return seat?.isOf(workspace) ? seat : null;
  }

  /** Nothing that they hold now is gone on from; null stands for every workspace. */
  forget(workspace: string | null): void {
    for (const seat of this.#seats) {
      if (workspace === null || seat.workspace === workspace) seat.isForgotten = true;
    }
  }

  #choose(prompt: readonly Token[], workspace: string): OwnSeat | null {
    const states = this.#seats.map((each) => each.stateFor(workspace));
    return chooseSeat(states, prompt)?.seat ?? null;
  }

  /** Gives a seat back. After a failure its sequence is thrown away, since nobody knows what it holds. */
  async give(taken: Seat, { failed }: { readonly failed: boolean }): Promise<void> {
    const seat = this.#seats.find((each) => each === taken);
    if (!seat || seat.isFree) return;
    seat.usedAt = ++this.#clock;
    try {
      if (failed) await seat.renew();
    } finally {
      seat.isFree = true;
    }
  }
}

class OwnSeat implements Seat {
  readonly #context: LlamaContext;
  sequence: LlamaContextSequence;
  readTokens = 0;
  floor = 0;
  workspace: string | null = null;
  isForgotten = false;
  isFree = true;
  usedAt = 0;

  constructor(context: LlamaContext) {
    this.#context = context;
    this.sequence = context.getSequence();
  }

  hasRead(tokens: number): void {
    this.readTokens = tokens;
    if (tokens < this.floor) this.floor = 0;
  }

  wasRestored(tokens: number, floor: number): void {
    this.readTokens = tokens;
    this.floor = floor;
  }

  async renew(): Promise<void> {
    await this.sequence.dispose();
    this.sequence = this.#context.getSequence();
    this.wasRestored(0, 0);
  }

  isOf(workspace: string): boolean {
    return this.workspace === workspace && !this.isForgotten;
  }

  stateFor(workspace: string): SeatState & { readonly seat: OwnSeat } {
    const { isFree, usedAt, sequence } = this;
    const held = sequence.contextTokens;
    return {
      seat: this,
      isFree,
      usedAt,
      tokens: this.isOf(workspace) ? held.slice(0, this.readTokens) : [],
      held: held.length,
    };
  }
}
