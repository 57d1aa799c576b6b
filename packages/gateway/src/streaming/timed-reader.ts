/**
 * Reads an iterator with a limit on each wait. A wait that ran out has lost nothing: the next read gets what was waited
 * for. One timer serves all reads, since setting and clearing one for each costs more than most events.
 */
export class TimedReader<T> {
  readonly #iterator: AsyncIterator<T>;
  #isReading = false;
  #arrived: (() => IteratorResult<T>) | null = null;
  #waiting: { readonly settle: () => void; readonly deadline: number } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(events: AsyncIterable<T>) {
    this.#iterator = events[Symbol.asyncIterator]();
  }

  /** The next result, or null when `ms` pass first. Throws what the iterator throws. One read at a time. */
  async read(ms: number = Number.POSITIVE_INFINITY): Promise<IteratorResult<T> | null> {
    if (!this.#isReading) this.#next();
    if (!this.#arrived) await this.#arrival(ms);
    const take = this.#arrived as (() => IteratorResult<T>) | null;
    if (!take) return null;
    this.#arrived = null;
    this.#isReading = false;
    return take();
  }

  /** No read will follow. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** {@link stop}, and the iterator is told that nobody reads on. */
  async leave(): Promise<void> {
    this.stop();
    await this.#iterator.return?.();
  }

  #next(): void {
    this.#isReading = true;
    const settle = (take: () => IteratorResult<T>): void => {
      this.#arrived = take;
      this.#waiting?.settle();
    };
    this.#iterator.next().then(
      (result) => settle(() => result),
      (error: unknown) =>
        settle(() => {
          throw error;
        }),
    );
  }

  /** Resolves when something has arrived or the time is over. */
  #arrival(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#waiting = null;
        resolve();
      };
      const deadline = performance.now() + ms;
      this.#waiting = { settle, deadline };
      if (deadline < this.#timerAt) this.#setTimer(deadline, ms);
    });
  }

  #setTimer(at: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, ms));
  }

  #look(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (!this.#waiting || this.#waiting.deadline === Number.POSITIVE_INFINITY) return;
    const left = this.#waiting.deadline - performance.now();
    // Timers may fire up to a millisecond early.
    if (left < 1) this.#waiting.settle();
    else this.#setTimer(this.#waiting.deadline, left);
  }
}
