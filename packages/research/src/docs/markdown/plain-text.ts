/** What a piece of Markdown says, for the index and for excerpts. */
export interface PlainText {
  /** Prose, with code that stands in it, without markup. */
  readonly text: string;
  /** Blocks of code, code within prose, and names whose documentation is generated from source. */
  readonly code: string;
}

/** Reads Markdown of documentation: also `[[autodoc]]`, tips, options in tabs, and HTML, of which the text is kept. */
export function plainText(markdown: string): PlainText {
  const text: string[] = [];
  const code: string[] = [];
  let fence: string | null = null;
  let isAutodoc = false;
  for (const line of markdown.replaceAll(/<!--[\s\S]*?(-->|$)/g, " ").split("\n")) {
    const [, marks] = FENCE.exec(line) ?? [];
    if (fence !== null) {
      if (endsFence(line, fence)) fence = null;
      else code.push(line);
      continue;
    }
    if (marks !== undefined) {
      fence = marks;
      continue;
    }
    const [, generated] = /^\s*\[\[autodoc\]\]\s*(.*)/.exec(line) ?? [];
    // The members that are shown stand below, as a list.
    const member: string | undefined = isAutodoc ? /^\s+- (\S+)/.exec(line)?.[1] : undefined;
    isAutodoc = generated !== undefined || member !== undefined;
    if (isAutodoc) code.push(generated ?? member ?? "");
    else {
      for (const [, , span = ""] of line.matchAll(CODE_SPAN)) code.push(span);
      text.push(proseOf(line));
    }
  }
  return { text: text.join("\n"), code: code.join("\n") };
}

/** The marks with which a block of code begins or ends. */
export const FENCE: RegExp = /^\s*(?:>\s*)*(`{3,}(?!.*`)|~{3,})/;

/** Whether a line ends the block of code that `fence` began. */
export function endsFence(line: string, fence: string): boolean {
  const marks = line.replace(/^[\s>]+/, "").trimEnd();
  return marks.length >= fence.length && marks === (fence[0] ?? "").repeat(marks.length);
}

const CODE_SPAN = /(`+)(.+?)\1/g;

function proseOf(line: string): string {
  return line
    .replace(/^\s*(?:#{1,6}\s|>\s?|[-*+]\s|\d+\.\s)+/, "")
    .replace(/\[\[[^\]]*\]\]/g, " ")
    .replaceAll(/^\s*\[!(TIP|NOTE|WARNING|IMPORTANT|CAUTION)\]/g, "")
    .replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/<hfoption\s+id="([^"]*)"\s*>/g, "$1")
    .replaceAll(/<\/?[A-Za-z][^>]*>/g, " ")
    .replaceAll(/\[?(`+)~?(.+?)\1\]?/g, "$2")
    .replaceAll(/\*\*|__(?=\s)|^\|?[\s:|-]+\|$/g, "")
    .replaceAll(/&(lt|gt|amp|quot|nbsp|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replaceAll(/[ \t]+/g, " ")
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  nbsp: " ",
  "#39": "'",
};
