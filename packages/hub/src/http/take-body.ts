/** How much is still read of a body that was refused, so that a client that sends before it listens gets the answer. */
const mostDiscarded = 1024 * 1024 * 1024;

/**
 * Hands a request's body to `store` piece by piece. When `store` fails the rest of the body is read and thrown away:
 * closing the connection at once would show the client a broken pipe instead of the reason.
 */
export async function takeBody<T>(
  body: ReadableStream<Uint8Array> | null,
  store: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const reader = body?.getReader();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read())
      yield piece.value;
  }
  try {
    return await store(chunks());
  } catch (error) {
    let discarded = 0;
    try {
      for await (const chunk of chunks()) {
        discarded += chunk.length;
        if (discarded > mostDiscarded) break;
      }
    } catch {
      // The client is gone, so nobody is left to be told more than the first error says.
    }
    throw error;
  }
}
