/** A longer line begins or ends nothing. */
const LONGEST_MARKS = 1000;

/** Tells the lines of code blocks from the others, line by line from the beginning of a text. */
export class CodeFence {
  #open: string | null = null;

  read(line: string): "marks" | "code" | "text" {
    // Blocks may stand in quotations and lists.
    const rest = line.length > LONGEST_MARKS ? "" : line.replace(/^[\s>]+/, "").trimEnd();
    if (this.#open !== null) {
      const isEnd = rest.startsWith(this.#open) && rest === this.#open.charAt(0).repeat(rest.length);
      if (!isEnd) return "code";
      this.#open = null;
      return "marks";
    }
    const [marks] = /^(`{3,}|~{3,})/.exec(rest) ?? [];
    // Three backticks before and behind a word are code within prose.
    if (marks === undefined || rest.slice(marks.length).includes("`")) return "text";
    this.#open = marks;
    return "marks";
  }
}
