/**
 * Looks for the first stop sequence in a text that arrives in pieces. Text that could be the beginning of one is held
 * back until it is clear that it is not.
 */
export class StopSequences {
  readonly #sequences: readonly string[];
  #held = "";

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences;
  }

  /** The text that is clear, and the sequence that ended it, if one did; nothing may be pushed after that. */
  push(text: string): { readonly text: string; readonly matched: string | null } {
    const whole = this.#held + text;
    const found = this.#sequences
      .map((sequence) => ({ sequence, at: whole.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (found) {
      this.#held = "";
      return { text: whole.slice(0, found.at), matched: found.sequence };
    }
    const clear = whole.length - Math.max(0, ...this.#sequences.map((sequence) => overlap(whole, sequence)));
    this.#held = whole.slice(clear);
    return { text: whole.slice(0, clear), matched: null };
  }

  /** What was held back, when no more text comes. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** How many characters at the end of the text are the beginning of the sequence. */
function overlap(text: string, sequence: string): number {
  for (let length = Math.min(sequence.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(sequence.slice(0, length))) return length;
  }
  return 0;
}
