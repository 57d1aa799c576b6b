import { plural } from "../format.ts";
import { withoutControls } from "../plain-text.ts";

const SHOWN = 60;

/** A call's arguments in one line: long texts are counted instead of shown. */
export function describeInput(input: Readonly<Record<string, unknown>>): string {
  return Object.entries(input)
    .map(([name, value], index) => {
      const text = describeValue(value);
      // The first argument is what the call is about; its name would only be in the way.
      return index === 0 ? text : `${name} ${text}`;
    })
    .join(", ");
}

function describeValue(value: unknown): string {
  const text = withoutControls(typeof value === "string" ? value : JSON.stringify(value));
  const lines = text.trimEnd().split("\n");
  if (lines.length > 1) return plural(lines.length, "line");
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text.trimEnd();
}

/** The end of arguments that are still being written, as lines: in texts, escaped line breaks are shown as such. */
export function writtenTail(json: string, count: number): string[] {
  const text = json
    .slice(-4_000)
    .replaceAll(/\\(["\\/ntr])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped)
    .replaceAll("\t", "  ");
  return withoutControls(text).split("\n").slice(-count);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "" };
