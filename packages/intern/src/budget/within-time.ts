import type { BudgetKeeper } from "./budget-keeper.ts";

/** The most that a model may take to predict the sealed rows. */
export const PREDICTION_SECONDS = 600;

export interface WithinTimeOptions {
  readonly budget: BudgetKeeper;
  /** The call that the code runs for. */
  readonly callId: string;
  /** The most that it may take. */
  readonly seconds: number;
  /** How many there are to come, this one included, that share what is left. Default: 1. */
  readonly among?: number;
  /** Whether it may use what is kept back for evaluating and publishing. */
  readonly isFinishing?: boolean;
  readonly show: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Timed<Value> {
  readonly value: Value;
  /** Said where less time was granted than was asked for. */
  readonly shortened: string | null;
}

/**
 * Runs code on this machine for as many seconds as the budget grants, and settles what it took, however it ends. Throws a
 * `ToolFailure`, and begins nothing, where the budget has too little left.
 */
export async function withinTime<Value>(
  options: WithinTimeOptions,
  action: (seconds: number) => Promise<Value>,
): Promise<Timed<Value>> {
  const { budget, callId, signal, show, ...plan } = options;
  const id = budget.nameOfCode(callId);
  const granted = budget.reserveTime({ id, ...plan });
  const shortened = granted < plan.seconds ? describeShortened(granted) : null;
  if (shortened !== null) show(`${shortened}\n`);
  const begun = performance.now();
  const settle = (): void => budget.settleTime(id, (performance.now() - begun) / 1000);
  // Whoever stops waits a moment at most: what is killed takes no longer, and is settled before the turn is over.
  const stop = (): void => {
    try {
      settle();
    } catch {
      // The session cannot be kept, and whoever keeps the turn's end is told.
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return { value: await action(granted), shortened };
  } finally {
    signal.removeEventListener("abort", stop);
    settle();
  }
}

export function describeShortened(seconds: number): string {
  return `[The time limit is ${seconds} s: that is what the budget has left for it.]`;
}
