import type { Trouble } from "./guidance.ts";

const LONGEST_CYCLE = 5;
const REPEATED = 3;
/** What may pass by itself is worth more tries. */
const REPEATED_TRANSIENT = 5;
const CYCLE_STEPS = 6;

/** One step; `key` stands for name, arguments and answer. */
export interface Signature {
  readonly key: number;
  /** For people and the model. */
  readonly call: string;
  readonly isTransient: boolean;
}

/** Looks at the newest steps only: the same look again at a distant time is nobody's business. */
export class Repeats {
  readonly #newest: Signature[] = [];

  add(signature: Signature): void {
    this.#newest.push(signature);
    if (this.#newest.length > 2 * LONGEST_CYCLE) this.#newest.shift();
  }

  clear(): void {
    this.#newest.length = 0;
  }

  /**
   * One step three times over (five, where it may pass by itself), or two to five steps twice over and six at least. Null
   * where the newest steps repeat nothing.
   */
  find(): Trouble | null {
    const last = this.#newest.at(-1);
    if (last === undefined) return null;
    const { call, isTransient } = last;
    const times = isTransient ? REPEATED_TRANSIENT : REPEATED;
    if (this.#repeats(1, times)) return { guard: "repetition", call, times, isTransient };
    // A single step that is allowed more tries is not a circle of several.
    if (this.#repeats(1, 2)) return null;
    for (let length = 2; length <= LONGEST_CYCLE; length++) {
      if (!this.#repeats(length, Math.max(2 * length, CYCLE_STEPS))) continue;
      return { guard: "cycle", calls: this.#newest.slice(-length).map(({ call }) => call) };
    }
    return null;
  }

  /** Whether there are `count` steps and each of the newest ones equals the one `length` before it. */
  #repeats(length: number, count: number): boolean {
    const steps = this.#newest.slice(-count);
    return (
      steps.length === count &&
      steps.every(({ key }, index) => index < length || key === steps[index - length]?.key)
    );
  }
}
