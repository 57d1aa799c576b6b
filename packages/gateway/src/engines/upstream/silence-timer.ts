/**
 * Calls `onSilence` when a wait lasts longer than `ms`. One timer serves all waits of an exchange, since setting and
 * clearing one for every piece of an answer costs more than reading the piece.
 */
export class SilenceTimer {
  readonly #ms: number;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waitingSince: number | null = null;

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms;
    this.#onSilence = onSilence;
  }

  /** A wait begins. */
  begin(): void {
    this.#waitingSince = performance.now();
    this.#timer ??= this.#set(this.#ms);
  }

  /** The wait is over. */
  end(): void {
    this.#waitingSince = null;
  }

  /** No wait will follow. */
  stop(): void {
    this.#waitingSince = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = undefined;
    // Between two waits the timer lapses; the next wait sets it again.
    if (this.#waitingSince === null) return;
    const left = this.#waitingSince + this.#ms - performance.now();
    if (left <= 0) this.#onSilence();
    else this.#timer = this.#set(Math.ceil(left));
  }
}
