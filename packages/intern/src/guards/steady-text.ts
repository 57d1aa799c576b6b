/** What differs from one call to the next although nothing does, and what it is read as. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\\n/g, "\n"], // answers in JSON hold texts of several lines
  [/\\r/g, "\r"],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  [/\u001b\[[0-9;?]*[A-Za-z]/g, ""],
  [/^[^\n]*\r(?!\n)/gm, ""], // of a line written over and over, its last state
  [/^.*(?:\d%\|.*\||[▏▎▍▌▋▊▉█━]{3}).*$/gm, ""], // progress bars
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, "<time>"],
  [/\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g, "<time>"],
  [/\b0x[0-9a-f]+\b/gi, "<address>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<uuid>"],
  [/\/(?:tmp|var\/tmp|var\/folders)\/[^\s"',:)]+/g, "<temporary>"],
  [/\b(pid|worker|process|thread)([ :=#]+|\[)\d+/gi, "$1 <id>"],
  [/\b(run|job|call|msg|req|request|task|toolu|session)[_-]\d+\b/gi, "$1_<id>"],
  [/\b(\w*(?:_id|nonce|etag|request|trace))("?\s*[:=]\s*"?)[\w-]{6,}/gi, "$1$2<id>"],
  // Fields that count or time what was done; what remains of an allowance says nothing about the work either.
  [
    /("?\b(?:\w*(?:duration|elapsed|seconds|latency|runtime|time)(?:_m?s)?|\w+_(?:ms|left|remaining|seq)|started|finished|created|updated)"?\s*[:=]\s*)"?[-+\d.:TZ]+"?/gi,
    "$1<time>",
  ],
  [/\b\d+(?:\.\d+)?\s?(?:it|s|steps?|samples?|rows?|tokens?|[kKMG]i?B)\/(?:s|it|sec|second)\b/g, "<rate>"],
  [/\b\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|secs?|seconds?|mins?|minutes?|hours?)\b/g, "<time>"],
];

/**
 * A tool's answer without what changes by itself: clocks, durations, rates, process ids, addresses, temporary paths, ids of
 * runs and jobs, progress bars, colours. Other numbers stay: a metric that changes is news.
 */
export function steadyText(text: string): string {
  let steady = text;
  for (const [pattern, replacement] of VOLATILE) steady = steady.replace(pattern, replacement);
  return steady.trim();
}
