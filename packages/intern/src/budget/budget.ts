import type { Picodollars } from "@ml-intern/gateway";
import type { Cause } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";
import { picodollars, showDollars } from "./money.ts";
import type { Price } from "./price-table.ts";

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
 * The output of the next request that the budget still pays for, after its prompt at the full price. Refuses when that is too
 * little to be of use, or when a cap meets an unknown price. Without a count of the prompt's tokens it is guessed, on the
 * safe side.
 */
export function affordableOutput(
  budget: Budget,
  state: SessionState,
  promptTokens: number = estimateTokens(state),
): Affordable {
  const { usd, price, maxTokens } = budget;
  if (usd === null) return { kind: "granted", maxTokens };
  if (price === null) {
    return refused(
      `The price of ${state.options.model} is not known, so a budget cannot be kept.`,
      'Set ML_INTERN_PRICE="input,output" (USD per million tokens), or leave --budget-usd out.',
    );
  }
  const left = picodollars(usd) - picodollars(state.spent.usd);
  const affordable = outputWithin(left, { price, promptTokens, maxTokens });
  if (affordable < Math.min(SMALLEST_OUTPUT, maxTokens)) {
    return refused(
      `The budget of ${showDollars(picodollars(usd))} is spent: ${showDollars(picodollars(state.spent.usd))} so far, and the next request could exceed it.`,
      "Go on with `ml-intern resume --budget-usd N` and a larger N; everything up to here is kept.",
    );
  }
  return { kind: "granted", maxTokens: affordable };
}

/** The most output tokens, up to `maxTokens`, that an amount pays for besides the prompt; -1 where it does not pay for that. */
export function outputWithin(
  left: Picodollars,
  request: { readonly price: Price; readonly promptTokens: number; readonly maxTokens: number },
): number {
  const { price, promptTokens, maxTokens } = request;
  const perToken = price.input > price.cache_write_5m ? price.input : price.cache_write_5m;
  const rest = left - BigInt(promptTokens) * perToken;
  if (rest < 0n) return -1;
  if (price.output === 0n) return maxTokens;
  const affordable = rest / price.output;
  return affordable > BigInt(maxTokens) ? maxTokens : Number(affordable);
}

function refused(message: string, mend: string): Affordable {
  return { kind: "refused", cause: { code: "budget/spent", message, mend } };
}

/** Three characters a token. */
function estimateTokens(state: SessionState): number {
  return Math.ceil(JSON.stringify(state.messages).length / 3) + 8_000;
}
