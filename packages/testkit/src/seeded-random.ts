/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Random {
  /** From 0 to below `limit`, whole. */
  below(limit: number): number;
  /** One of them. Throws when there are none. */
  pick<Choice>(choices: readonly Choice[]): Choice;
  /** True once in `times`. */
  oneIn(times: number): boolean;
}

export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    pick(choices) {
      if (choices.length === 0) throw new RangeError("There is nothing to choose from");
      // The index is within the list.
      return choices[below(choices.length)] as (typeof choices)[number];
    },
    oneIn: (times) => below(times) === 0,
  };
}
