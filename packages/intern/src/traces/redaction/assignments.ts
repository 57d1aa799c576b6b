import type { FoundSecret } from "./found-secret.ts";
import { secretName } from "./secret-name.ts";
import { isSecretValue, type ValueForm } from "./secret-value.ts";

const KEYWORD =
  /(?:token|secret|passw(?:or)?d|passphrase|pwd|_pass|api[_-]?key|key)[\w-]{0,24}(?=["'`\\\s:=,\])])/gi;
/** From the end of a name to its value. The type of a variable may stand between: `token: str = "…"`. */
const SIGN =
  /(\\{0,8}["'`]?)\]?\s{0,4}(?::\s{0,4}[A-Za-z][\w.[\]| ]{0,40}=(?!=)|=>|[:!=]?={1,2}|->|:|,|\||)\s{0,8}/y;
const OPENING = /[frbuFRBU]{0,2}(\\{0,8})("""|'''|["'`])/y;
const BARE = /[^\s"'`\\,;&#]{1,2048}/y;
const LONGEST_NAME = 48;
const LONGEST_VALUE = 2048;

/**
 * Finds values that stand beside a secret's name: `HF_TOKEN=…`, `"password": "…"`, `apiKey = '…'`, `--token …`,
 * `os.environ["X_KEY"] = …`, in JSON within JSON too. What the name is decides how much a value has to look like a
 * secret; see `secretName` and `isSecretValue`.
 */
export function* findAssignments(text: string): Generator<FoundSecret> {
  for (const match of text.matchAll(KEYWORD)) {
    const nameEnd = match.index + match[0].length;
    const name = nameAround(text, match.index) + match[0];
    const secret = secretName(name.replace(/^-+/, ""));
    if (secret === null) continue;
    SIGN.lastIndex = nameEnd;
    const sign = SIGN.exec(text);
    if (sign === null) continue;
    const value = valueAt(text, nameEnd + sign[0].length);
    if (value === null) continue;
    const form = formOf(sign, { isQuoted: value.isQuoted, isOption: name.startsWith("--") });
    const plain = text.slice(value.start, value.end);
    if (form !== null && isSecretValue(plain, { name, secret, form }))
      yield { start: value.start, end: value.end, kind: secret.kind };
  }
}

/** The part of a name before its keyword. */
function nameAround(text: string, index: number): string {
  let start = index;
  while (start > index - LONGEST_NAME && isNamePart(text.charCodeAt(start - 1))) start--;
  // In JSON within JSON a line begins after `\n`, whose letter is not the name's.
  return text.slice(text[start - 1] === "\\" ? start + 1 : start, index);
}

/** Letters, digits, `_`, `.` and `-`; not NaN, which stands before the first character. */
function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 46 ||
    code === 45
  );
}

function formOf(
  [whole, quote = ""]: RegExpExecArray,
  { isQuoted, isOption }: { isQuoted: boolean; isOption: boolean },
): ValueForm | null {
  const sign = whole.slice(quote.length).replace(/[\]\s]/g, "");
  if (sign === ",") return quote !== "" && isQuoted ? "spaced" : null;
  // A comparison is with a known word rather than with a secret; in a table and behind an arrow stands anything.
  if (/(?:==|->|\|)$/.test(sign)) return "spaced";
  if (sign !== "") return isQuoted ? "quoted" : "bare";
  if (!/\s/.test(whole)) return null;
  if (isOption) return isQuoted ? "quoted" : "bare";
  return quote === "" ? "spaced" : null;
}

function valueAt(text: string, index: number): { start: number; end: number; isQuoted: boolean } | null {
  OPENING.lastIndex = index;
  const opening = OPENING.exec(text);
  if (opening !== null) {
    const [whole, backslashes = "", quote = ""] = opening;
    const start = index + whole.length;
    const end = closingQuote(text, { start, quote, escapes: backslashes.length });
    if (end !== null) return { start, end, isQuoted: true };
  }
  const start = opening === null ? index : index + opening[0].length; // a text that was cut off before its end
  BARE.lastIndex = start;
  const bare = BARE.exec(text);
  return bare === null ? null : { start, end: start + bare[0].length, isQuoted: false };
}

/** Where the text that was opened with so many backslashes ends; null when not on this line. */
function closingQuote(
  text: string,
  { start, quote, escapes }: { start: number; quote: string; escapes: number },
): number | null {
  const limit = Math.min(text.length, start + LONGEST_VALUE);
  let backslashes = 0;
  for (let index = start; index < limit; index++) {
    const character = text[index];
    if (character === "\n") return null;
    if (character === quote[0] && backslashes <= escapes && text.startsWith(quote, index))
      return index - backslashes;
    backslashes = character === "\\" ? backslashes + 1 : 0;
  }
  return null;
}
