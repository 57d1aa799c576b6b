import { EventEmitter } from "node:events";
import { displayWidth, graphemes } from "../display-width.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is sent
const PARTS = /\u001b\[(\??[\d;]*)([A-Za-z])|\n|\r|[^\u001b\n\r]+/g;

/**
 * As much of a terminal as an append-only face with a live end needs: text, line breaks, erasing, and moving up. It has no
 * colours, and never scrolls: its lines are everything that was written.
 */
export class FakeScreen extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Everything that was sent, as it was. */
  sent = "";
  #lines: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.sent += text;
    for (const [part, parameter = "", final] of text.matchAll(PARTS)) {
      if (part === "\n") this.#down();
      else if (part === "\r") this.#column = 0;
      else if (final === undefined) this.#put(part);
      else this.#control(final, parameter);
    }
    return true;
  }

  /** What stands there, rows without the blanks at their ends. */
  get text(): string {
    return this.#lines.map((line) => line.trimEnd()).join("\n");
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  #down(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#lines.length) this.#lines.push("");
  }

  #put(text: string): void {
    for (const grapheme of graphemes(text)) {
      const cells = displayWidth(grapheme);
      if (this.#column + cells > this.columns) this.#down();
      const line = this.#lines[this.#row] ?? "";
      // Good for what a face does: it writes on at the end of a line, or anew after erasing it.
      this.#lines[this.#row] = this.#column === 0 ? grapheme : line + grapheme;
      this.#column += cells;
    }
  }

  #control(final: string, parameter: string): void {
    const count = Number(parameter || 1);
    if (final === "A") this.#row = Math.max(0, this.#row - count);
    else if (final === "B") this.#row = Math.min(this.#lines.length - 1, this.#row + count);
    else if (final === "G") this.#column = 0;
    else if (final === "K") this.#lines[this.#row] = "";
    else if (final === "J") this.#lines.splice(this.#row + 1);
  }
}
