interface Wait<T> {
  readonly resolve: (result: IteratorResult<T> | null) => void;
  readonly deadline: number;
}

/**
 * Reads an iterator with a limit on each wait. A wait that ran out has lost nothing: the next read gets what was waited
 * for. One timer serves all reads, since setting and clearing one for each costs more than most events.
 */
export class TimedReader<T> {
  readonly #iterator: AsyncIterator<T>;
  /** What a wait that ran out was for. */
  #pending: Promise<IteratorResult<T>> | null = null;
  #wait: Wait<T> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(events: AsyncIterable<T>) {
    this.#iterator = events[Symbol.asyncIterator]();
  }

  /** The next result. Throws what the iterator throws. One read at a time. */
  read(): Promise<IteratorResult<T>> {
    const pending = this.#pending ?? this.#iterator.next();
    this.#pending = null;
    return pending;
  }

  /** {@link read}, or null when `ms` pass first. */
  readWithin(ms: number): Promise<IteratorResult<T> | null> {
    const pending = this.#pending ?? this.#iterator.next();
    this.#pending = pending;
    return new Promise((resolve, reject) => {
      const wait: Wait<T> = { resolve, deadline: performance.now() + ms };
      const arrived = (): boolean => {
        if (this.#wait !== wait) return false;
        this.#wait = null;
        this.#pending = null;
        return true;
      };
      this.#wait = wait;
      pending.then(
        (result) => {
          if (arrived()) resolve(result);
        },
        (error: unknown) => {
          if (arrived()) reject(error);
        },
      );
      if (wait.deadline < this.#timerAt) this.#setTimer(wait.deadline, ms);
    });
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

  #setTimer(at: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, ms));
  }

  #look(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    // Between two reads the timer lapses; the next one sets it again.
    if (!this.#wait) return;
    const { resolve, deadline } = this.#wait;
    const left = deadline - performance.now();
    // Timers may fire up to a millisecond early.
    if (left >= 1) {
      this.#setTimer(deadline, left);
      return;
    }
    this.#wait = null;
    resolve(null);
  }
}
