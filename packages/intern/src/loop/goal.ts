import type { Message } from "@ml-intern/messages";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import type { SessionState } from "../session/session-state.ts";
import type { Session } from "../session/session-store.ts";
import type { Workbench } from "../workbench/workbench.ts";
import type { TurnResult } from "./endings.ts";

/** An answer of the model that has words and no call. */
export interface Words {
  readonly message: Message;
  /** Whether the person began the turn with words, not for the first time, and nothing was called since. */
  readonly isReply: boolean;
}

export interface GoalPlace {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly budget: BudgetKeeper;
  readonly signal: AbortSignal;
}

/** What words of the model mean for the turn. */
export type Judgement =
  | { readonly kind: "end"; readonly result: TurnResult }
  /** The model is asked again, after `guidance` where there is any. */
  | { readonly kind: "go_on"; readonly guidance: string | null }
  /** The same, a few times in a row at most and not again after the same words: then the turn ends with `otherwise`. */
  | { readonly kind: "nudge"; readonly guidance: string; readonly otherwise: TurnResult };

/** What a turn has left before its next model call. */
export interface Left {
  /** Model calls, the next one included. */
  readonly calls: number;
  /** The budget pays for a whole answer, a shorter one, or none. */
  readonly budget: "enough" | "little" | "none";
}

/** What a turn is to reach: it says what the model is told, and when the turn is over. A value without state. */
export interface Goal {
  /** The standing instructions: one constant, the same bytes in every request, so that any provider's prompt cache hits. */
  readonly instructions: string;
  /** Whether finishing may use the part of the budget that is kept back for publishing. */
  readonly usesKeptBack: boolean;
  /** Said once, when so little is left that the model has to come to an end; null while it may go on, or has nothing to end with. */
  finish(state: SessionState, left: Left): string | null;
  /** What words without a call mean, once the model has heard everything that the person said. */
  judge(words: Words, place: GoalPlace): Promise<Judgement>;
}
