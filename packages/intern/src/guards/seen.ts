/** Remembers the numbers that were met last: at least half of `limit`, at most all of it. */
export class Seen {
  readonly #half: number;
  #newer = new Set<number>();
  #older: ReadonlySet<number> = new Set();

  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  /** Whether this number is new; from now on it is not. */
  add(number: number): boolean {
    if (this.#newer.has(number)) return false;
    const isNew = !this.#older.has(number);
    this.#newer.add(number);
    if (this.#newer.size >= this.#half) {
      // Whole halves are dropped: taking single entries out of the front of a large set is slow.
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    return isNew;
  }
}
