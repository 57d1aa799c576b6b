/** Does something as soon as it has a place; rejects when `signal` aborts before that. */
export type WithPlace = <Value>(action: () => Promise<Value>, signal: AbortSignal) => Promise<Value>;

/** Lets so many actions go on at a time; more wait for one to end, first come, first served. */
export function atMost(count: number): WithPlace {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (action, signal) => {
    signal.throwIfAborted();
    if (free > 0) free--;
    else await turnIn(waiting, signal);
    try {
      return await action();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

function turnIn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.splice(waiting.indexOf(take), 1);
      reject(signal.reason);
    };
    const take = (): void => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    waiting.push(take);
    signal.addEventListener("abort", leave, { once: true });
  });
}
