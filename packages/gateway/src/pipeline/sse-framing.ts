const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

/** Follows the bytes of an event stream, to know where something of one's own could be put between two events. */
export class SseFraming {
  #lineIsEmpty = true;
  #eventIsEmpty = true;
  #last = 0;

  /** Whether what has passed so far ends with an empty line, or nothing has passed yet. */
  get betweenEvents(): boolean {
    return this.#lineIsEmpty && this.#eventIsEmpty;
  }

  pass(bytes: Uint8Array): void {
    // What comes before the line endings at the end tells nothing more.
    let start = bytes.length;
    while (start > 0 && isLineEnding(bytes[start - 1])) start--;
    if (start > 0) {
      this.#lineIsEmpty = false;
      this.#eventIsEmpty = false;
      this.#last = 0;
    }
    for (const byte of bytes.subarray(start)) {
      if (byte === LINE_FEED && this.#last === CARRIAGE_RETURN) {
        // The second half of one line ending.
      } else {
        this.#eventIsEmpty = this.#lineIsEmpty;
        this.#lineIsEmpty = true;
      }
      this.#last = byte;
    }
  }
}

function isLineEnding(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}
