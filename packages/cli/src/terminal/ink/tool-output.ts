import { continueLine } from "../continue-line.ts";
import { printable } from "../plain-text.ts";

/** Lines of one call's output that are remembered; older ones are counted. */
const REMEMBERED = 2_000;

/** What a tool has put out so far, by lines; the last one may not be whole yet. */
export class ToolOutput {
  #lines: string[] = [];
  #dropped = 0;
  #partial = "";

  add(text: string): void {
    const [rest = "", ...lines] = text.split("\n");
    this.#partial = continueLine(this.#partial, rest);
    for (const line of lines) {
      this.#lines.push(printable(this.#partial));
      this.#partial = continueLine("", line);
    }
    const excess = this.#lines.length - REMEMBERED;
    // In bulk, so that a flood of lines does not move the others each time.
    if (excess > REMEMBERED) {
      this.#lines = this.#lines.slice(excess);
      this.#dropped += excess;
    }
  }

  get length(): number {
    return this.#dropped + this.#lines.length + (this.#partial === "" ? 0 : 1);
  }

  /** The newest lines, and how many came before them. */
  last(count: number): { readonly lines: readonly string[]; readonly before: number } {
    const partial = this.#partial === "" ? [] : [printable(this.#partial)];
    const lines = [...this.#lines.slice(-count), ...partial].slice(-count);
    return { lines, before: this.length - lines.length };
  }
}
