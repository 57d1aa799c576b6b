import { plainText } from "./markdown/plain-text.ts";
import { queryTerms } from "./search/rank.ts";
import { termsOf } from "./search/terms.ts";

const LENGTH = 300;

/** The lines of a section that say most of what was asked for, as text of about 300 characters. */
export function snippetOf(markdown: string, query: string): string {
  const { text, code } = plainText(markdown);
  const wanted = new Map(queryTerms(query).map((term) => [term.text, term.weight]));
  const prose = linesOf(text);
  const best = bestLine(prose, wanted) ?? bestLine(linesOf(code), wanted);
  const lines = best?.lines ?? prose;
  let snippet = "";
  for (const line of lines.slice(best?.at ?? 0)) {
    if (snippet.length > LENGTH / 2) break;
    snippet = snippet === "" ? line : `${snippet} ${line}`;
  }
  return cut(snippet, wanted);
}

function bestLine(
  lines: readonly string[],
  wanted: ReadonlyMap<string, number>,
): { readonly lines: readonly string[]; readonly at: number } | null {
  let best: { lines: readonly string[]; at: number } | null = null;
  let most = 0;
  for (const [at, line] of lines.entries()) {
    const found = new Set([...termsOf(line)].map((term) => term.text));
    const score = [...wanted].reduce((sum, [term, weight]) => sum + (found.has(term) ? weight : 0), 0);
    if (score > most) {
      most = score;
      best = { lines, at };
    }
  }
  return best;
}

/** Of a long line the part with the first thing that was asked for. */
function cut(snippet: string, wanted: ReadonlyMap<string, number>): string {
  if (snippet.length <= LENGTH) return snippet;
  const words = snippet.split(" ");
  const first = words.findIndex((word) => [...termsOf(word)].some(({ text }) => wanted.has(text)));
  const before = words.slice(0, Math.max(0, first)).join(" ").length;
  const start =
    before <= LENGTH / 2
      ? 0
      : snippet.indexOf(" ", Math.min(before - LENGTH / 4, snippet.length - LENGTH)) + 1;
  const end = start + LENGTH >= snippet.length ? snippet.length : snippet.lastIndexOf(" ", start + LENGTH);
  return `${start > 0 ? "…" : ""}${snippet.slice(start, Math.max(end, start + 1))}${end < snippet.length ? "…" : ""}`;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
