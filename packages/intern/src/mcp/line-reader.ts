/**
 * Cuts bytes into lines. `tooLong` is told once when a line passes `limit` bytes; nothing is read after that.
 */
export class LineReader {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #tooLong: () => void;
  #parts: Buffer[] = [];
  #size = 0;
  #ended = false;

  constructor(options: { limit: number; onLine: (line: string) => void; tooLong: () => void }) {
    this.#limit = options.limit;
    this.#onLine = options.onLine;
    this.#tooLong = options.tooLong;
  }

  write(bytes: Buffer): void {
    let rest = bytes;
    while (!this.#ended) {
      const end = rest.indexOf(0x0a);
      const part = end === -1 ? rest : rest.subarray(0, end);
      this.#parts.push(part);
      this.#size += part.length;
      if (this.#size > this.#limit) {
        this.#ended = true;
        this.#parts = [];
        this.#tooLong();
        return;
      }
      if (end === -1) return;
      const line = Buffer.concat(this.#parts).toString("utf8").replace(/\r$/, "");
      this.#parts = [];
      this.#size = 0;
      this.#onLine(line);
      rest = rest.subarray(end + 1);
    }
  }
}
