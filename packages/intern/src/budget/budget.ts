import type { Cause } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";
import { type Price, worstCaseOf } from "./price-table.ts";

/** What a session may spend on its model. `usd: null` is no cap; `price: null` is a price that nobody knows. */
export interface Budget {
  readonly usd: number | null;
  readonly price: Price | null;
  /** The most output tokens that one request asks for. */
  readonly maxTokens: number;
}

export type Affordable =
  | { readonly kind: "granted"; readonly maxTokens: number }
  | { readonly kind: "refused"; readonly cause: Cause };

/** Less output than this is not worth a request: a tool call would be cut off. */
const SMALLEST_OUTPUT = 1024;

/**
 * Reserves the next request before it is sent: the output that the budget still pays for, after the prompt at its
 * full price. Refuses when that is too little to be of use, or when a cap meets an unknown price.
 */
export function affordableOutput(budget: Budget, state: SessionState): Affordable {
  const { usd, price, maxTokens } = budget;
  if (usd === null) return { kind: "granted", maxTokens };
  if (price === null) {
    return refused(
      `The price of ${state.options.model} is not known, so a budget cannot be kept.`,
      'Set ML_INTERN_PRICE="input,output" (USD per million tokens), or leave --budget-usd out.',
    );
  }
  const inputTokens = estimateTokens(state);
  const left = usd - state.spent.usd - worstCaseOf({ inputTokens, maxTokens: 0 }, price);
  const affordable = price.output === 0 ? maxTokens : Math.floor((left * 1e6) / price.output);
  if (left < 0 || affordable < Math.min(SMALLEST_OUTPUT, maxTokens)) {
    return refused(
      `The budget of $${usd} is spent: $${state.spent.usd.toFixed(4)} so far, and the next request could exceed it.`,
      "Go on with `ml-intern resume --budget-usd N` and a larger N; everything up to here is kept.",
    );
  }
  return { kind: "granted", maxTokens: Math.min(maxTokens, affordable) };
}

function refused(message: string, mend: string): Affordable {
  return { kind: "refused", cause: { code: "budget/spent", message, mend } };
}

/** Prompt tokens of the next request, on the safe side: three characters a token. */
function estimateTokens(state: SessionState): number {
  return Math.ceil(JSON.stringify(state.messages).length / 3) + 8_000;
}
