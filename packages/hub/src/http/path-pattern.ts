/** One line of a `.gitignore` or `.gitattributes` file. */
interface PathRule {
  readonly matches: RegExp;
  readonly negated: boolean;
}

/** Translates a gitignore pattern; null for what is blank or a comment. */
function parseRule(line: string): PathRule | null {
  const text = line.trimEnd();
  if (text === "" || text.startsWith("#")) return null;
  const negated = text.startsWith("!");
  const body = (negated ? text.slice(1) : text).replace(/^\\(?=[!#])/, "");
  const onlyFolders = body.endsWith("/");
  const bare = body.replace(/\/$/, "");
  const anchored = bare.includes("/");
  const source = translate(bare.replace(/^\//, ""));
  // What matches a folder goes for all that is in it.
  const matches = new RegExp(`${anchored ? "^" : "^(?:.*/)?"}${source}${onlyFolders ? "/" : "(?:/|$)"}`);
  return { matches, negated };
}

function translate(glob: string): string {
  return glob.replace(/\*\*\/|\/\*\*$|\*\*|\*|\?|\[[^\]/]+\]|[^*?[]|\[/g, (token) => {
    switch (token) {
      case "**/":
        return "(?:.*/)?";
      case "/**":
        return "/.*";
      case "**":
        return ".*";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      default:
        return token.length > 1
          ? token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\")
          : escapeForExpression(token);
    }
  });
}

function escapeForExpression(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}

/** Whether git would ignore a path, by the text of a `.gitignore`. */
export function parseGitignore(text: string): (path: string) => boolean {
  const rules = text.split(/\r?\n/).flatMap((line) => safely(line));
  return (path) => rules.findLast((rule) => rule.matches.test(path))?.negated === false;
}

/** Whether a `.gitattributes` file gives a path to LFS. */
export function parseLfsAttributes(text: string): (path: string) => boolean {
  const rules = text.split(/\r?\n/).flatMap((line) => {
    const [pattern = "", ...attributes] = line.trim().split(/\s+/);
    const lfs = attributes.includes("filter=lfs");
    const unset = attributes.includes("-filter") || attributes.includes("!filter");
    return lfs || unset ? safely(pattern).map((rule) => ({ ...rule, lfs })) : [];
  });
  return (path) => rules.findLast((rule) => rule.matches.test(path))?.lfs === true;
}

function safely(line: string): PathRule[] {
  try {
    const rule = parseRule(line);
    return rule ? [rule] : [];
  } catch {
    // A pattern that makes no valid expression, such as "[z-a]", matches nothing, as in git.
    return [];
  }
}
