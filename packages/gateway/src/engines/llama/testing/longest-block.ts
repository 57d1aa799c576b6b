/** Milliseconds. */
export interface Block {
  /** The longest time in which nothing else of the process got its turn. */
  readonly longest: number;
  /**
   * What it must stay below: a tenth of a second, or a quarter of the whole time where the machine is so busy with other
   * work that everything takes longer.
   */
  readonly limit: number;
}

/** Looks how long an action keeps the process from its other work. */
export async function longestBlock(action: () => Promise<unknown>): Promise<Block> {
  const began = performance.now();
  let last = began;
  let longest = 0;
  let next: NodeJS.Immediate;
  function look(): void {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(look);
  }
  next = setImmediate(look);
  try {
    await action();
  } finally {
    clearImmediate(next);
  }
  look();
  clearImmediate(next);
  return { longest, limit: Math.max(100, (last - began) / 4) };
}

export function isShort({ longest, limit }: Block): boolean {
  return longest < limit;
}
