/** Characters of a long text that one answer gives. */
export const PAGE = 15_000;

/** The part of a long text from `offset` on that fits into an answer, and how to go on. */
export function pageOfText(text: string, offset = 0): string {
  const part = beginning(text.slice(offset, offset + PAGE + 1));
  const end = offset + part.length;
  if (part === "" && offset > 0)
    return `[There is nothing from character ${offset} on: it has ${text.length}.]`;
  return end < text.length
    ? `${part}\n[${text.length - end} more characters; go on with offset ${end}]`
    : part;
}

/** At most a page of it; both halves of a character that is written as two stay together. */
function beginning(text: string): string {
  const isHalved = /[\uD800-\uDBFF]/.test(text[PAGE - 1] ?? "") && text.length > PAGE;
  return text.slice(0, isHalved ? PAGE - 1 : PAGE);
}

const LINES = 300;

/** The lines of a text from `from` on (1 is the first) that fit into an answer, numbered, and how to go on. */
export function pageOfLines(text: string, from = 1): string {
  const lines = text.replace(/\n$/, "").split("\n");
  if (from > lines.length) return `[There is nothing from line ${from} on: it has ${lines.length}.]`;
  const part: string[] = [];
  let size = 0;
  for (const line of lines.slice(from - 1, from - 1 + LINES)) {
    size += line.length + 8;
    if (size > PAGE && part.length > 0) break;
    part.push(line.length > PAGE ? `${beginning(line)} [${line.length} characters in this line]` : line);
  }
  const numbered = part.map((line, index) => `${String(from + index).padStart(5)}  ${line}`).join("\n");
  const rest = lines.length - (from - 1 + part.length);
  return rest > 0
    ? `${numbered}\n[${rest} more lines; go on with from_line ${from + part.length}]`
    : numbered;
}
