const CONTENT = /"content"\s*:\s*("(?:[^"\\]|\\.)*")/;
/** A string without escapes: everything from the space on but the quote and the backslash. */
const PLAIN_LITERAL = /^"[ !#-[\]-\uffff]*"$/;
const MARK = "\u0001";

/** Some endpoints change something in every chunk; for those, looking for what stays the same is a waste. */
const MAX_TRIES = 4;

/**
 * Reads chunks that differ from an earlier one only in the text that they add: nearly all chunks of an answer do. JSON
 * around a string stays the same JSON whatever the string is, so only the string has to be parsed.
 */
export class TextTemplate {
  #around: { readonly before: string; readonly after: string } | null = null;
  #tries = 0;

  /**
   * Learns from a chunk that does nothing but add text. `textOf` says what the text is in a chunk that is parsed; with
   * it the template makes sure that it has found the right string.
   */
  learn(data: string, textOf: (json: unknown) => unknown): void {
    if (this.#tries++ >= MAX_TRIES) return;
    const found = CONTENT.exec(data);
    if (!found?.[1]) return;
    const end = found.index + found[0].length;
    const around = { before: data.slice(0, end - found[1].length), after: data.slice(end) };
    const marked: unknown = JSON.parse(around.before + JSON.stringify(MARK) + around.after);
    this.#around = textOf(marked) === MARK ? around : null;
  }

  /** The text that a chunk adds, or null when it is not like the one that was learnt. */
  read(data: string): string | null {
    if (!this.#around) return null;
    const { before, after } = this.#around;
    const end = data.length - after.length;
    // Comparing slices is several times faster than `startsWith` and `endsWith`, which go character by character.
    if (end < before.length || data.slice(end) !== after || data.slice(0, before.length) !== before)
      return null;
    const literal = data.slice(before.length, end);
    if (PLAIN_LITERAL.test(literal)) return literal.slice(1, -1);
    try {
      const text: unknown = JSON.parse(literal);
      return typeof text === "string" ? text : null;
    } catch {
      // The end only looks the same.
      return null;
    }
  }
}
