import type { LoggedEvent } from "../session/session-event.ts";
import { toClaudeCodeLine } from "./claude-code/claude-code-line.ts";
import type { Redactor } from "./redaction/redactor.ts";
import { hasAgent, readTraceLog } from "./trace-log.ts";

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
  let parent: string | null = null;
  for await (const { event } of readTraceLog(options)) {
    for await (const { text, uuid } of traceLines(event, { ...options, parent })) {
      parent = uuid ?? parent;
      yield text;
    }
  }
}

export interface TraceLine {
  readonly text: string;
  /** What the next line hangs on; null in a format without a chain, and in what a sub-agent did. */
  readonly uuid: string | null;
}

/**
 * What a trace has for one event of a session; nothing when the format has no words for it. Before the result of a call that has
 * sent an agent stands what that agent did, as a chain of its own.
 */
export async function* traceLines(
  event: LoggedEvent,
  options: ExportTraceOptions & { readonly parent: string | null },
): AsyncGenerator<TraceLine> {
  if (options.format === "claude-code" && event.type === "tool_finished") {
    const place = { ...options, agent: event.id };
    if (await hasAgent(place)) yield* sideLines(place);
  }
  const line = toTraceLine(event, options);
  if (line !== null) yield line;
}

async function* sideLines(
  options: ExportTraceOptions & { readonly agent: string },
): AsyncGenerator<TraceLine> {
  let parent: string | null = null;
  for await (const { event } of readTraceLog(options)) {
    const line = toTraceLine(event, { ...options, parent });
    if (line === null) continue;
    parent = line.uuid;
    yield { text: line.text, uuid: null };
  }
}

function toTraceLine(
  event: LoggedEvent,
  options: ExportTraceOptions & { readonly agent?: string; readonly parent: string | null },
): TraceLine | null {
  const { format, redactor } = options;
  const redacted = redactor === null ? event : redactor.value(event);
  if (format === "log") return { text: `${JSON.stringify(redacted)}\n`, uuid: null };
  const line = toClaudeCodeLine(redacted, options);
  return line === null ? null : { text: `${JSON.stringify(line)}\n`, uuid: line.uuid };
}
