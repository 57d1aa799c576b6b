import type { ErrorClass } from "./error-class.ts";

const SAME = 4;
/** Errors of one kind, whatever they are about. */
const SAME_KIND = 6;
/** Messages after which an error counts as another occasion. */
const APART = 20;

interface Met {
  count: number;
  message: number;
  /** What was asked for when it was met: succeeding at it settles the error. */
  readonly asked: Set<string>;
}

/** Counts in how many answered messages an error was met, until it is settled or long past. */
export class SameErrors {
  readonly #met = new Map<string, Met>();

  /** `asked` stands for the purpose of the call; `message` numbers the answered messages. */
  add({ name, kind }: ErrorClass, asked: string, message: number): void {
    for (const key of new Set([name, kind])) {
      const met = this.#met.get(key) ?? { count: 0, message: 0, asked: new Set() };
      if (met.message !== message) met.count++; // calls made side by side knew nothing of each other
      met.message = message;
      met.asked.add(asked);
      this.#met.set(key, met);
    }
  }

  settle(asked: string): void {
    for (const [key, met] of this.#met) if (met.asked.has(asked)) this.#met.delete(key);
  }

  /** Forgets what is long past. */
  forget(message: number): void {
    for (const [key, met] of this.#met) if (message - met.message > APART) this.#met.delete(key);
  }

  clear(): void {
    this.#met.clear();
  }

  /** How often this error was met, when that is too often; else null. */
  tooOften({ name, kind }: ErrorClass): number | null {
    const same = this.#met.get(name)?.count ?? 0;
    if (same >= SAME) return same;
    const alike = kind === name ? 0 : (this.#met.get(kind)?.count ?? 0);
    return alike >= SAME_KIND ? alike : null;
  }
}
