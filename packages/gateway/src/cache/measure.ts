import type { PromptPlace } from "./prompt/prompt-block.ts";

/** How long a prompt is, and how long it is up to each of some places; whole tokens. */
export interface Measured {
  readonly total: number;
  /** Through each place, in the order asked; growing, at most `total`. */
  readonly at: readonly number[];
  /**
   * How many tokens, from the beginning, need not be computed again as things stand, for an engine that keeps state itself;
   * what it always computes anew at the end of what it holds is part of them. Absent where nobody can know.
   */
  readonly held?: number;
}

/** Given by whoever knows the tokenizer. Places come in the order of the prompt. */
export type Measure = (places: readonly PromptPlace[]) => Promise<Measured>;

/**
 * The measure with its promises kept: a tokenizer that estimates may count less for more text, or more for a part than
 * for the whole, and the split must add up all the same.
 */
export async function measured(measure: Measure, places: readonly PromptPlace[]): Promise<Measured> {
  const { total: claimed, at, held } = await measure(places);
  const total = whole(claimed);
  let reached = 0;
  const within = places.map((_, index) => {
    reached = Math.min(total, Math.max(reached, whole(at[index])));
    return reached;
  });
  return { total, at: within, ...(held === undefined ? {} : { held: whole(held) }) };
}

function whole(tokens: number | undefined): number {
  return tokens !== undefined && Number.isFinite(tokens) ? Math.max(0, Math.floor(tokens)) : 0;
}
