import { within } from "./within.ts";

/**
 * Starts a stream and waits for its first event, so that a failure before it is thrown here, where it can still become
 * a status code. Gives up waiting after `ms`; the first event then comes, or fails, within the returned stream.
 */
export async function awaitFirst<T>(events: AsyncIterable<T>, ms: number): Promise<AsyncIterableIterator<T>> {
  const iterator = events[Symbol.asyncIterator]();
  const first = iterator.next();
  // Nobody may come to read the stream; its failure is then reported to nobody, not to the process.
  first.catch(() => {});
  await within(first, ms);
  return resumed(first, iterator);
}

function resumed<T>(
  started: Promise<IteratorResult<T>>,
  iterator: AsyncIterator<T>,
): AsyncIterableIterator<T> {
  let first: Promise<IteratorResult<T>> | null = started;
  return {
    next: () => {
      const next = first ?? iterator.next();
      first = null;
      return next;
    },
    return: async () => {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
