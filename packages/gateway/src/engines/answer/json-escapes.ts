/** In JSON text: two escapes that make one character, half of such a pair, or any other escape. */
const ESCAPES =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\[^u]/g;

const HALF = /^\\u[dD][89a-fA-F]..$/;

/**
 * JSON text in which escapes of half a character are replaced by one of the replacement character. JavaScript reads
 * such halves; parsers of other languages refuse the whole text. The text may not begin or end within an escape.
 */
export function withoutHalfEscapes(json: string): string {
  if (!json.includes("\\u")) return json;
  return json.replace(ESCAPES, (found) => (HALF.test(found) ? "\\ufffd" : found));
}

/** How much of JSON text that is still being written ends neither within an escape nor between two that belong together. */
export function wholeEscapesLength(json: string): number {
  for (let at = json.indexOf("\\"); at >= 0; ) {
    const isUnicode = json[at + 1] === "u";
    const end = at + (isUnicode ? 6 : 2);
    if (end > json.length || (isUnicode && isFirstHalf(json, at) && mayGoOn(json.slice(end, end + 6))))
      return at;
    at = json.indexOf("\\", end);
  }
  return json.length;
}

function isFirstHalf(json: string, at: number): boolean {
  return /^[dD][89abAB]/.test(json.slice(at + 2, at + 4));
}

/** Whether what follows a first half is the beginning of an escape that is not all there. */
function mayGoOn(rest: string): boolean {
  return rest === "" || rest === "\\" || (rest.length < 6 && rest.startsWith("\\u"));
}
