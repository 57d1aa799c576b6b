const COMMENT = /(?:^|\s)(?:#|\/\/).*$/gm;
const TOKEN = /[A-Za-z_]\w*|\d[\w.]*|"[^"\n]*"|'[^'\n]*'|[^\s\w]/g;
/** Where a name is given. An argument, `depth=3`, stands without spaces: its name means something. */
const BINDING = /^[ \t]*(\w+(?:, *\w+)*) = |\b(?:def|class|for|as|const|let) +(\w+)/gm;

/**
 * A text without what a rewriting may change and leave everything as it was: comments, white space, and the names that the
 * text itself gives, which are numbered in the order of their appearance.
 */
export function codeShape(text: string): string {
  const code = text.replace(COMMENT, "");
  const given = new Map<string, number | null>();
  for (const [, assigned, declared] of code.matchAll(BINDING)) {
    for (const name of (assigned ?? declared ?? "").split(/, */)) given.set(name, null);
  }
  let names = 0;
  const shapes = code.match(TOKEN)?.map((token) => {
    const known = given.get(token);
    if (known === undefined) return token;
    const number = known ?? names++;
    given.set(token, number);
    return `$${number}`;
  });
  return (shapes ?? []).join(" ");
}
