export interface PushedBytesOptions {
  /** Asks the source to push no more for now. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** The reader has left before the end. */
  readonly leave: () => void;
}

/** Past this many bytes that nobody has read yet the source is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1024;

/**
 * Bytes of a source that pushes, for a reader that pulls. What waits is bounded by asking the source to pause, and is
 * handed over joined, so that a reader who is late has fewer pieces to look at. For one reader.
 */
export class PushedBytes implements AsyncIterableIterator<Uint8Array, undefined, undefined> {
  readonly #options: PushedBytesOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #paused = false;
  #outcome: { readonly error: unknown } | "ended" | null = null;
  #reader: {
    readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void;
    readonly reject: (error: unknown) => void;
  } | null = null;

  constructor(options: PushedBytesOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array): void {
    if (this.#outcome !== null || bytes.byteLength === 0) return;
    if (this.#reader) {
      this.#reader.resolve({ done: false, value: bytes });
      this.#reader = null;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    if (this.#waitingBytes < HIGH_WATER_BYTES || this.#paused) return;
    this.#paused = true;
    this.#options.pause();
  }

  end(): void {
    this.#outcome ??= "ended";
    this.#reader?.resolve(DONE);
    this.#reader = null;
  }

  /** What was pushed before is still read; then reading fails. */
  fail(error: unknown): void {
    this.#outcome ??= { error };
    this.#reader?.reject(error);
    this.#reader = null;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const [first, ...others] = this.#waiting;
    if (first) {
      this.#waiting = [];
      this.#waitingBytes = 0;
      if (this.#paused) {
        this.#paused = false;
        this.#options.resume();
      }
      const value = others.length === 0 ? first : Buffer.concat([first, ...others]);
      return Promise.resolve({ done: false, value });
    }
    if (this.#outcome === "ended") return Promise.resolve(DONE);
    if (this.#outcome) return Promise.reject(this.#outcome.error);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const leaves = this.#outcome === null;
    this.#waiting = [];
    this.end();
    if (leaves) this.#options.leave();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const DONE = { done: true, value: undefined } as const;
