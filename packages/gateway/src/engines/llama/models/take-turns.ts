/** How long the thread is kept before others get it. */
const TURN_MS = 10;

/** For long work: what it calls between two steps lets others have the thread, once it was kept for long enough. */
export function takeTurns(signal: AbortSignal): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < TURN_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    began = performance.now();
  };
}
