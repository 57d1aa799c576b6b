import { within } from "./within.ts";

/**
 * Starts a stream and waits for its first event, so that a failure before it is thrown here, where it can still become
 * a status code. Gives up waiting after `ms`; the first event then comes, or fails, within the returned stream.
 */
export async function awaitFirst<T>(events: AsyncIterable<T>, ms: number): Promise<AsyncGenerator<T>> {
  const iterator = events[Symbol.asyncIterator]();
  const first = iterator.next();
  // Nobody may come to read the stream; its failure is then reported to nobody, not to the process.
  first.catch(() => {});
  await within(first, ms);
  return resume(first, iterator);
}

async function* resume<T>(first: Promise<IteratorResult<T>>, iterator: AsyncIterator<T>): AsyncGenerator<T> {
  let ended = false;
  try {
    for (let result = await first; !result.done; result = await iterator.next()) yield result.value;
    ended = true;
  } finally {
    if (!ended) await iterator.return?.();
  }
}
