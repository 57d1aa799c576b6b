/** Characters of a line of output that are held; programs write lines without end, and nobody reads them. */
const LONGEST = 2_000;

/** A line that is still being written, with what came of it since. What is too long ends with an ellipsis. */
export function continueLine(line: string, text: string): string {
  if (line.length > LONGEST) return line;
  const longer = line + text;
  return longer.length > LONGEST ? `${longer.slice(0, LONGEST)} …` : longer;
}
