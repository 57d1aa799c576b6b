/** An iteration whose source is found, or fails to be found, when the first value is asked for. */
export function deferred<T>(find: () => Promise<AsyncIterable<T>>): AsyncIterableIterator<T> {
  let iterator: AsyncIterator<T> | null = null;
  let finding: Promise<AsyncIterator<T>> | null = null;
  let left = false;

  async function found(): Promise<AsyncIterator<T>> {
    const source = await find();
    iterator = source[Symbol.asyncIterator]();
    return iterator;
  }

  return {
    next: () => {
      if (iterator) return iterator.next();
      if (left) return Promise.resolve({ done: true, value: undefined });
      finding ??= found();
      return finding.then((each) => each.next());
    },
    return: async () => {
      left = true;
      const source = finding && (await finding.catch(() => null));
      await source?.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
