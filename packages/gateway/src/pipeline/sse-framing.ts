/** Two line endings, one after the other; CR and LF together are one. */
const EMPTY_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)$/;
/** The longest ending that matters. */
const LONGEST = 4;

/** Follows the bytes of an event stream, to know where something of one's own could be put between two events. */
export class SseFraming {
  /** The last characters so far; null before there were any. */
  #tail: string | null = null;

  /** Whether what has passed so far ends with an empty line, or nothing has passed yet. */
  get betweenEvents(): boolean {
    return this.#tail === null || EMPTY_LINE.test(this.#tail);
  }

  pass(bytes: Uint8Array): void {
    const last = String.fromCharCode(...bytes.subarray(-LONGEST));
    this.#tail = ((this.#tail ?? "") + last).slice(-LONGEST);
  }
}
