/** How a pattern is read: `narrow` where a match allows something, `broad` where it forbids or asks. */
export type Reading = "narrow" | "broad";

/** In a narrow reading `*` stops at what begins another command or line: `git *` is not `git log; rm -rf .`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[;&|<>()$`\u0000-\u001f\u007f\u2028\u2029]/;
const PARENT = /(^|[\\/])\.\.([\\/]|$)/;

interface Token {
  readonly kind: "literal" | "star" | "double_star";
  readonly text: string;
}

/**
 * Whether the whole text fits. `*` stands for any characters and `\` takes the next one as it is. Read narrowly, `*` does not
 * stand for line breaks and the characters that join shell commands, while `**` stands for these, too; and a path with
 * `..` fits only a pattern that has one.
 *
 * Takes time in proportion to the lengths of pattern and text, whatever they are.
 */
export function matchesGlob(pattern: string, text: string, reading: Reading): boolean {
  if (reading === "narrow" && PARENT.test(text) && !PARENT.test(pattern)) return false;
  const tokens = tokensOf(pattern);
  // All places in the pattern that the text so far can have led to.
  let places = reachable(new Set([0]), tokens);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      const token = tokens[place];
      if (token === undefined) continue;
      if (token.kind === "literal") {
        if (token.text === character) next.add(place + 1);
      } else if (token.kind === "double_star" || reading === "broad" || !CONTROL.test(character)) {
        next.add(place);
      }
    }
    if (next.size === 0) return false;
    places = reachable(next, tokens);
  }
  return places.has(tokens.length);
}

/** A pattern that fits this text and no other. */
export function literally(text: string): string {
  return text.replaceAll(/[\\*]/g, "\\$&");
}

/** A star may stand for nothing. */
function reachable(places: Set<number>, tokens: readonly Token[]): Set<number> {
  // A set is walked through to its end, with what is added on the way.
  for (const place of places) {
    const token = tokens[place];
    if (token !== undefined && token.kind !== "literal") places.add(place + 1);
  }
  return places;
}

function tokensOf(pattern: string): readonly Token[] {
  const parts = pattern.match(/\\.|\*\*+|./gsu) ?? [];
  return parts.map((part) => {
    if (part === "*") return { kind: "star", text: part };
    if (part.startsWith("**")) return { kind: "double_star", text: part };
    return { kind: "literal", text: part.length > 1 && part.startsWith("\\") ? part.slice(1) : part };
  });
}
