/** A file's text before and after a change; null where it does not exist, `binary` where it is no text. */
export interface DiffedFile {
  readonly path: string;
  readonly before: string | null | { readonly binary: true };
  readonly after: string | null | { readonly binary: true };
}

const contextLines = 3;

/**
 * A diff in git's form, with one hunk a file: from the first line that differs to the last. Always right to apply,
 * longer than need be where a file changed in two distant places.
 */
export function unifiedDiff(files: readonly DiffedFile[]): string {
  return files.map(diffOf).join("");
}

function diffOf({ path, before, after }: DiffedFile): string {
  const head = [`diff --git a/${path} b/${path}`];
  if (before === null) head.push("new file mode 100644");
  if (after === null) head.push("deleted file mode 100644");
  const [oldName, newName] = [
    before === null ? "/dev/null" : `a/${path}`,
    after === null ? "/dev/null" : `b/${path}`,
  ];
  if (isBinary(before) || isBinary(after)) {
    return `${[...head, `Binary files ${oldName} and ${newName} differ`].join("\n")}\n`;
  }
  const hunk = hunkOf(linesOf(before), linesOf(after));
  return `${[...head, ...(hunk.length > 0 ? [`--- ${oldName}`, `+++ ${newName}`, ...hunk] : [])].join("\n")}\n`;
}

function isBinary(side: DiffedFile["before"]): side is { readonly binary: true } {
  return typeof side === "object" && side !== null;
}

/** Lines with their line ends, so that a missing last one is seen as a difference. */
function linesOf(text: string | null): string[] {
  return text?.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function hunkOf(before: readonly string[], after: readonly string[]): string[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return [];
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const from = Math.max(0, start - contextLines);
  const lead = before.slice(from, start);
  const removed = before.slice(start, before.length - tail);
  const added = after.slice(start, after.length - tail);
  const trail = before.slice(before.length - tail, before.length - tail + contextLines);
  const span = (count: number) => `${count === 0 ? from : from + 1},${count}`;
  const kept = lead.length + trail.length;
  return [
    `@@ -${span(kept + removed.length)} +${span(kept + added.length)} @@`,
    ...[...lead.map(mark(" ")), ...removed.map(mark("-")), ...added.map(mark("+")), ...trail.map(mark(" "))],
  ];
}

function mark(sign: string): (line: string) => string {
  return (line) => sign + (line.endsWith("\n") ? line.slice(0, -1) : `${line}\n\\ No newline at end of file`);
}
