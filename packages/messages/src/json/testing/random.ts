/** Numbers from 0 up to 1, the same for the same seed. */
export type Random = () => number;

/** The generator known as mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 up to `limit`, which itself does not come. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** One of the characters or items. */
export function oneOf<Item>(random: Random, items: ArrayLike<Item>): Item {
  return items[below(random, items.length)] as Item; // the index is always within
}
