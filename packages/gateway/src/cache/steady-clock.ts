/**
 * Time that never goes back. While the clock of the machine is set back, no time passes; from there it goes on. So a
 * clock that jumps back makes nothing live for ever, and one that jumps forward ends what it jumps over.
 */
export class SteadyClock {
  readonly #now: () => number;
  #last: number;
  #lost = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  now(): number {
    const time = this.#now();
    if (time < this.#last) this.#lost += this.#last - time;
    this.#last = time;
    return time + this.#lost;
  }

  /** A time that was read from the machine's clock not long ago, never later than now. */
  at(time: number): number {
    const now = this.now();
    return Math.min(time + this.#lost, now);
  }
}
