export interface Heading {
  readonly level: number;
  /** Without markup. */
  readonly text: string;
  readonly anchor: string;
}

/** Longer lines are no headings. */
const LONGEST = 1000;

/** The heading that a line is, if it is one. `## Name[[anchor]]` names its anchor itself. */
export function headingOf(line: string): Heading | null {
  const [, marks = "", whole = ""] =
    (line.length <= LONGEST && /^ {0,3}(#{1,6})[ \t]+(.*)$/.exec(line)) || [];
  if (marks === "") return null;
  // It may be closed with marks, too.
  const rest = whole.trimEnd().replace(/(^|\s)#+$/, "");
  const [, named] = /\[\[([^\]]+)\]\]\s*$/.exec(rest) ?? [];
  const title = named === undefined ? rest : rest.slice(0, rest.lastIndexOf("[["));
  return { level: marks.length, text: plainHeading(title), anchor: named ?? anchorOf(title) };
}

/** As the documentation site makes them: small letters, hyphens for spaces, of the rest only letters, digits and hyphens. */
export function anchorOf(title: string): string {
  return title
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]+/g, " ")
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, "-")
    .replaceAll(/[^\p{L}\p{N}-]+/gu, "");
}

function plainHeading(title: string): string {
  return title
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\[`~?([^`\]]+)`\]/g, "$1")
    .replaceAll(/[`*]+/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
