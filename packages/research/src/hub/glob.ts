/**
 * Whether a path fits any of the patterns: `*` and `?` stay within a folder, `**` does not, `{a,b}` is a choice. `*.json`
 * is about names in any folder, `config.json` about that one file, and `a/` about all below.
 */
export function globMatcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const whole = pattern.endsWith("/") ? `${pattern}**` : pattern;
    return new RegExp(
      `^${/[*?{]/.test(whole) && !whole.includes("/") ? "(?:.*/)?" : ""}${expressionOf(whole.replace(/^\/+/, ""))}$`,
    );
  });
  return (path) => expressions.some((expression) => expression.test(path));
}

function expressionOf(pattern: string): string {
  return pattern.replace(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/g, (part) => {
    switch (part) {
      case "**/":
        return "(?:.*/)?";
      case "**":
        return ".*";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      default:
        return part.length > 1 && part.startsWith("{") && part.endsWith("}")
          ? `(?:${part.slice(1, -1).split(",").map(expressionOf).join("|")})`
          : part.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    }
  });
}
