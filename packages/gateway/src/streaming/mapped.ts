/**
 * The same iteration with each value changed. Written out, since every event of every answer goes through several of
 * these, and a step through an asynchronous generator costs three times as much.
 */
export function mapped<T, U>(source: AsyncIterable<T>, change: (value: T) => U): AsyncIterableIterator<U> {
  const iterator = source[Symbol.asyncIterator]();
  const changed = (result: IteratorResult<T>): IteratorResult<U> => {
    if (result.done) return result;
    return { done: false, value: change(result.value) };
  };
  return {
    next: () => iterator.next().then(changed),
    return: async () => {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
