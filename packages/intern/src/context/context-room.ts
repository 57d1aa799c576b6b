import type Anthropic from "@anthropic-ai/sdk";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import { countRequest, requestFor } from "../loop/request.ts";
import type { Compaction } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { compact } from "./compact.ts";
import { compactionLimit, estimateContext } from "./context-size.ts";

export interface ContextRoomOptions {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly client: Anthropic;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  readonly budget: BudgetKeeper;
  /** The most tokens that the model holds, prompt and answer; null when nobody knows. */
  readonly window?: number | null;
  /** The most tokens that an answer may have. */
  readonly output: number;
  readonly signal: AbortSignal;
}

/** From this share of the limit on, tokens are counted instead of guessed. */
const COUNTED_FROM = 0.9;
/** A conversation that was shortened is shortened again only when it has grown by so much. */
const GROWTH = 1.25;

/** Keeps the conversation so short that the next request fits the model. */
export class ContextRoom {
  readonly #options: ContextRoomOptions;
  #shortest = 0;

  constructor(options: ContextRoomOptions) {
    this.#options = options;
  }

  /** Shortens the conversation when the next request would be too long, or the person has asked for it. */
  async make(): Promise<void> {
    const { session, client, instructions, tools, signal } = this.#options;
    const { state } = session;
    if (state.isToBeCompacted && state.messages.length > 1) return await this.#compact("asked", this.#limit);
    const limit = Math.max(this.#limit, this.#shortest);
    const estimate = estimateContext(state);
    if (estimate < COUNTED_FROM * limit) return;
    const request = requestFor({ state, instructions, tools, maxTokens: 1 });
    const counted = await countRequest(client, request, signal);
    if ((counted ?? estimate) >= limit) await this.#compact("limit", this.#limit);
  }

  /** Shortens a conversation that the model has refused as too long, by about half. */
  async halve(): Promise<void> {
    await this.#compact("overflow", Math.floor(estimateContext(this.#options.session.state) / 2));
  }

  get #limit(): number {
    const { window = null, output } = this.#options;
    return compactionLimit({ tokens: window, output });
  }

  async #compact(reason: Compaction["reason"], limit: number): Promise<void> {
    const { session, budget } = this.#options;
    const text = "shortening the conversation";
    session.show({ type: "progress", text, elapsed_ms: 0, remaining_ms: null });
    const { tokens_after, usage } = await compact({ ...this.#options, reason, limit });
    if (usage !== null) await budget.settleNotes(usage);
    this.#shortest = Math.ceil(GROWTH * tokens_after);
  }
}
