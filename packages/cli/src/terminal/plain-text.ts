/**
 * Text of others (models, tools, files) as it may be shown: without what would steer the terminal, and without the marks
 * that make text read in another order than it is written. Line breaks and tabs stay.
 */
export function withoutControls(text: string): string {
  return text.replaceAll(STEERING, "");
}

const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
  /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** One line of output: the last rewrite of it wins, as at a terminal. */
export function printable(line: string): string {
  return withoutControls(line.slice(line.lastIndexOf("\r", line.length - 2) + 1));
}

/** The first line of what a tool answered; of a failure, its message. */
export function firstLine(content: string): string {
  return (failureOf(content)?.message ?? content).split("\n")[0] ?? "";
}

/** What kind of failure a tool answered; null when it was none. */
export function failureCode(content: string): string | null {
  return failureOf(content)?.code ?? null;
}

function failureOf(content: string): { readonly code?: string; readonly message?: string } | null {
  try {
    const { error } = JSON.parse(content) as { error?: { code?: string; message?: string } };
    return error ?? null;
  } catch {
    return null; // words
  }
}
