/** Milliseconds on the wall, and of the processor in all threads of this process. */
export interface Span {
  readonly wall: number;
  readonly processor: number;
}

/** Gives the time since now. */
export function stopwatch(): () => Span {
  const begun = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wall: performance.now() - begun, processor: (user + system) / 1_000 };
  };
}
