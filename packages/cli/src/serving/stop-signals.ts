export interface StopSignals extends Disposable {
  /** Aborts at the first SIGINT or SIGTERM: finish what has begun. */
  readonly first: AbortSignal;
  /** Aborts at the second: stop now. */
  readonly second: AbortSignal;
}

/** Watches for the person, or the machine, that wants a server to end. */
export function stopSignals(): StopSignals {
  const [first, second] = [new AbortController(), new AbortController()];
  const onSignal = (): void => (first.signal.aborted ? second : first).abort();
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    first: first.signal,
    second: second.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
