/** Runs tasks with the same key one after the other, in the order in which they came. */
export type KeyedLock = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** A lock within this process; it saves work under contention, and correctness does not depend on it. */
export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}
