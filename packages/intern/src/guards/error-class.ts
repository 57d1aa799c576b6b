import { parseFailure } from "../failures/tool-failure.ts";
import type { GuardStep } from "./guard-step.ts";
import { steadyText } from "./steady-text.ts";

/** Which error a failed call ended in, whatever the tool and the spelling of its arguments. */
export interface ErrorClass {
  /** What it is and what it is about: `missing file: train.csv`. One line, for the model and for people. */
  readonly name: string;
  /** The sort of error, where another of the sort teaches nothing: `missing file`. Else the name. */
  readonly kind: string;
  /** The world's fault, and it may pass: worth another try. */
  readonly transient: boolean;
}

/** Errors that every program words in its own way. A group, where there is one, says what it is about. */
const KNOWN: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: "missing file", pattern: /\bno file (\S+) in the workspace/ },
  { kind: "missing file", pattern: /No such file or directory: ['"]?([^'"\n]+)/ },
  { kind: "missing file", pattern: /['"]?([^\s:'"]+)['"]?(?: for reading)?: No such file or directory/ },
  { kind: "missing module", pattern: /No module named ['"]?([\w.]+)/ },
  { kind: "missing command", pattern: /([\w.-]+): (?:command )?not found/ },
  { kind: "out of memory", pattern: /out of memory|OutOfMemory|MemoryError|ended by memory/i },
  { kind: "disk full", pattern: /No space left on device|disk is full/i },
  { kind: "permission denied", pattern: /Permission denied/ },
  {
    kind: "unreachable",
    pattern:
      /Connection ?(?:refused|reset|aborted|error)|timed out|(?:Read|Connect)Timeout|name resolution|Max retries exceeded|(?:HTTP\S*|status|answered|error:?) (?:429|50[234])\b|Service Unavailable|Too Many Requests/i,
  },
];
const TRANSIENT = "unreachable";

const EXCEPTION = /^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning)(?::.*)?$/gm;
/** Of faults that are found one after the other, another one is news. */
const FOUND = [/^(FAILED \S+?)(?:\[.*\])?(?: - |$)/m, /^(\S+?:)\d+(?::\d+)?: ([A-Z]+\d+) /m];
/** Codes that say only that a program failed. */
const GENERAL = new Set(["bash/failed", "python/failed", "failed"]);
const END = 500;

/** Null for a call that did not fail. */
export function errorClassOf(step: GuardStep): ErrorClass | null {
  const failure = step.isError
    ? (parseFailure(step.content) ?? { code: "failed", message: step.content })
    : failedRun(step.content);
  if (failure === null) return null;
  const { code, message } = failure;
  for (const pattern of FOUND) {
    const match = pattern.exec(message);
    if (match !== null) return errorClass(match.slice(1).join(" "));
  }
  // What ends a program is said last; what is said before may be a warning.
  const exception = message.match(EXCEPTION)?.at(-1);
  const end = exception ?? message.slice(-END);
  for (const { kind, pattern } of KNOWN) {
    const match = pattern.exec(end);
    if (match !== null)
      return errorClass([kind, match[1]?.split("/").at(-1)].filter(Boolean).join(": "), kind);
  }
  // What stands in quotation marks is what it is about this time.
  if (exception !== undefined) return errorClass(exception, exception.replace(/(['"`]).*?\1/g, "…"));
  const last = message.trimEnd().split("\n").at(-1) ?? "";
  return GENERAL.has(code) ? errorClass(last) : errorClass(`${code}: ${last}`, code);
}

/** A run that failed is an answer, not an error: its record says so. */
function failedRun(content: string): { readonly code: string; readonly message: string } | null {
  if (!content.startsWith("{")) return null;
  const failed = /"ended":"(?:(?!exited)|exited","exit_code":-?[1-9])/.exec(content);
  if (failed === null) return null;
  const record = content.slice(failed.index);
  const ended = /"ended":"(\w+)"/.exec(record)?.[1];
  const log = /"log_tail":("(?:[^"\\]|\\.)*")/.exec(record)?.[1] ?? '""';
  return { code: "failed", message: `ended by ${ended}\n${JSON.parse(log) as string}` };
}

function errorClass(name: string, kind = name): ErrorClass {
  return { name: plain(name), kind: plain(kind), transient: kind === TRANSIENT };
}

/** Numbers say where and how much, not which error; the case of a name is the first thing that guessing varies. */
function plain(text: string): string {
  return steadyText(text.slice(0, END))
    .toLowerCase()
    .replace(/\d+/g, "#")
    .replace(/['"`]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 160);
}
