import type { LoggedEvent } from "../session/session-event.ts";
import { toClaudeCodeLine } from "./claude-code/claude-code-line.ts";
import type { Redactor } from "./redaction/redactor.ts";
import { readTraceLog } from "./trace-log.ts";

/** `claude-code`: for viewers of traces. `log`: our own events, one to one. */
export type TraceFormat = "claude-code" | "log";

export interface ExportTraceOptions {
  readonly home: string;
  readonly session: string;
  readonly format: TraceFormat;
  /** Null leaves secrets where they are. */
  readonly redactor: Redactor | null;
}

/** The session's trace as lines of JSON, each with its line feed. Holds one event at a time. */
export async function* exportTrace(options: ExportTraceOptions): AsyncGenerator<string> {
  const { format, session, redactor } = options;
  let parent: string | null = null;
  for await (const { event } of readTraceLog(options)) {
    const line: TraceLine | null = toTraceLine(event, { format, session, parent, redactor });
    if (line === null) continue;
    parent = line.uuid ?? parent;
    yield line.text;
  }
}

export interface TraceLine {
  readonly text: string;
  /** What the next line hangs on; null in a format without a chain. */
  readonly uuid: string | null;
}

/** One event of a trace; null when the format has no words for it. */
export function toTraceLine(
  event: LoggedEvent,
  {
    format,
    session,
    parent,
    redactor,
  }: { format: TraceFormat; session: string; parent: string | null; redactor: Redactor | null },
): TraceLine | null {
  const redacted = redactor === null ? event : redactor.value(event);
  if (format === "log") return { text: `${JSON.stringify(redacted)}\n`, uuid: null };
  const line = toClaudeCodeLine(redacted, { session, parent });
  return line === null ? null : { text: `${JSON.stringify(line)}\n`, uuid: line.uuid };
}
