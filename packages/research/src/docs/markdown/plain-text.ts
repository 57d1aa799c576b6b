import { CodeFence } from "./code-fence.ts";

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
  const fence = new CodeFence();
  let isAutodoc = false;
  for (const line of markdown.replaceAll(/<!--[\s\S]*?(-->|$)/g, " ").split("\n")) {
    const kind = fence.read(line);
    if (kind === "code") code.push(line);
    if (kind !== "text") continue;
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

// What stands within brackets is bounded, and ends where others begin: so that text made to be slow to read is not.
const CODE_SPAN = /(`{1,3})([^`].{0,300}?)\1/g;

function proseOf(line: string): string {
  return line
    .replace(/^\s*(?:#{1,6}\s|>\s?|[-*+]\s|\d{1,4}\.\s)+/, "")
    .replace(/\[\[[^[\]]{0,200}\]\]/g, " ")
    .replaceAll(/^\s*\[!(TIP|NOTE|WARNING|IMPORTANT|CAUTION)\]/g, "")
    .replaceAll(/!\[([^[\]]{0,300})\]\([^)]{0,500}\)/g, "$1")
    .replaceAll(/\[([^[\]]{0,300})\]\([^)]{0,500}\)/g, "$1")
    .replaceAll(/<hfoption\s{1,9}id="([^"]{0,100})"\s{0,9}>/g, "$1")
    .replaceAll(/<\/?[A-Za-z][^<>]{0,1000}>/g, " ")
    .replaceAll(/\[?(`{1,3})~?([^`].{0,300}?)\1\]?/g, "$2")
    .replaceAll(/\*\*|__(?=\s)|^\|[\s:|-]+$/g, "")
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
