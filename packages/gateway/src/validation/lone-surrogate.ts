const BACKSLASH = 0x5c;
/** Characters of `\uXXXX`. */
const ESCAPE_LENGTH = 6;

/** Where a JSON text escapes half a surrogate pair, which no text encoding can hold; null when it does so nowhere. */
export function loneSurrogate(json: string): number | null {
  /** Where a pair has begun that the next escape must end. */
  let begun: number | null = null;
  for (let at = json.indexOf("\\u"); at !== -1; at = json.indexOf("\\u", at + 2)) {
    const half = isEscaped(json, at) ? null : surrogateAt(json, at);
    if (begun !== null && !(half === "second" && at === begun + ESCAPE_LENGTH)) return begun;
    if (begun === null && half === "second") return at;
    begun = half === "first" ? at : null;
  }
  return begun;
}

/** Which half of a pair the escape stands for, by its first two digits: D8 to DB, or DC to DF. */
function surrogateAt(json: string, at: number): "first" | "second" | null {
  if (json[at + 2]?.toLowerCase() !== "d") return null;
  const digit = Number.parseInt(json[at + 3] ?? "", 16);
  if (!(digit >= 8)) return null;
  return digit < 0xc ? "first" : "second";
}

/** Whether the backslash is one that another backslash has made an ordinary character. */
function isEscaped(json: string, at: number): boolean {
  let before = 0;
  while (json.charCodeAt(at - 1 - before) === BACKSLASH) before++;
  return before % 2 === 1;
}
