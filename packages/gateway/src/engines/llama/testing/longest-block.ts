/** The longest time in which nothing else of the process got its turn, in milliseconds. */
export async function longestBlock(action: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  let next: NodeJS.Immediate;
  function look(): void {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(look);
  }
  next = setImmediate(look);
  await action();
  look();
  clearImmediate(next);
  return longest;
}
