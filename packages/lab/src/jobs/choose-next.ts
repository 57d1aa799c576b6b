/** As much of a request as its place in the queue depends on. */
export interface Waiting {
  readonly labDirectory: string;
  readonly submittedMs: number;
}

/** Whose turn it is: the session with the fewest runs under way, and of its requests the oldest. Null for an empty queue. */
export function chooseNext<Request extends Waiting>(
  queue: readonly Request[],
  running: readonly Pick<Waiting, "labDirectory">[],
): Request | null {
  const busy = (request: Request): number =>
    running.filter(({ labDirectory }) => labDirectory === request.labDirectory).length;
  const order = (a: Request, b: Request): number => busy(a) - busy(b) || a.submittedMs - b.submittedMs;
  return queue.toSorted(order)[0] ?? null;
}
