import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { DurableEvent, LoggedEvent } from "../../session/session-event.ts";

/**
 * A line of a session as Claude Code keeps it, and as viewers of its traces read it. Fields and spellings are its own:
 * lines form a chain by `parentUuid`, tool results are lines of the user, what the harness says is a line of the system.
 */
export type ClaudeCodeLine = Envelope & Body;

interface Envelope {
  readonly parentUuid: string | null;
  /** True in what a sub-agent did; `agentId` is the call that has sent it. */
  readonly isSidechain: boolean;
  readonly agentId?: string;
  readonly userType: "external";
  readonly cwd: string;
  readonly sessionId: string;
  readonly version: string;
  readonly gitBranch: "";
  readonly uuid: string;
  readonly timestamp: string;
}

type Body =
  | {
      readonly type: "user";
      readonly message: { readonly role: "user"; readonly content: string | readonly ToolResult[] };
      /** Said by the harness in the person's place. */
      readonly isMeta?: true;
    }
  | {
      readonly type: "assistant";
      readonly message: Readonly<Record<string, unknown>>;
      readonly durationMs: number;
      readonly costUSD?: number;
    }
  | {
      readonly type: "system";
      readonly subtype: "informational";
      readonly content: string;
      readonly level: "info" | "warning" | "error";
      readonly isMeta: false;
    };

interface ToolResult {
  readonly type: "tool_result";
  readonly tool_use_id: string;
  readonly content: string;
  readonly is_error?: true;
}

type Bodies = {
  readonly [Type in DurableEvent["type"]]?: (event: Extract<DurableEvent, { type: Type }>) => Body | null;
};

/**
 * What each kind of event says in Claude Code's words. Kinds that are not here, also those that a later version writes,
 * say nothing there: to show one, add it.
 */
const BODIES: Bodies = {
  turn_started: ({ text }) => (text === null ? null : said(text)),
  guidance: ({ text }) => ({ ...said(text), isMeta: true }),
  assistant_message: ({ message, cost_usd, duration_ms }) => {
    const { id, type, role, model, content, stop_reason, stop_sequence, usage } = message;
    if (content.length === 0) return null;
    return {
      type: "assistant",
      message: { id, type, role, model, content, stop_reason, stop_sequence, usage },
      durationMs: duration_ms,
      ...(cost_usd === null ? {} : { costUSD: cost_usd }),
    };
  },
  tool_finished: ({ id, content, is_error }) => {
    const result = { type: "tool_result", tool_use_id: id, content } as const;
    return {
      type: "user",
      message: { role: "user", content: [is_error ? { ...result, is_error } : result] },
    };
  },
  notice: ({ level, text }) => remark(level === "warn" ? "warning" : "info", text),
  turn_finished: ({ outcome, cause }) =>
    cause === null
      ? remark("info", `The turn ended: ${outcome}.`)
      : remark("error", `The turn ended: ${outcome}. ${cause.message}`),
};

/** Of the product, as its package says; the file lies three folders up, in the sources as in what is built of them. */
const VERSION = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** The workspace as the session's own code sees it, on every machine. */
const WORKSPACE = "/workspace";

/**
 * The line for an event, or null when the event says nothing in Claude Code's words. `parent` is the uuid of the line
 * before. The same event always has the same uuid.
 */
export function toClaudeCodeLine(
  event: LoggedEvent,
  {
    session,
    agent,
    parent,
  }: { readonly session: string; readonly agent?: string | undefined; readonly parent: string | null },
): ClaudeCodeLine | null {
  // Each entry takes the events of its own name; the log is the only source of `event`.
  const body = Object.hasOwn(BODIES, event.type)
    ? (BODIES[event.type] as (event: LoggedEvent) => Body | null)(event)
    : null;
  if (body === null) return null;
  return {
    parentUuid: parent,
    isSidechain: agent !== undefined,
    ...(agent === undefined ? {} : { agentId: agent }),
    userType: "external",
    cwd: WORKSPACE,
    sessionId: session,
    version: VERSION,
    gitBranch: "",
    ...body,
    uuid: uuidOf(agent === undefined ? session : `${session}:${agent}`, event.seq),
    timestamp: event.time,
  };
}

function said(text: string): Extract<Body, { type: "user" }> {
  return { type: "user", message: { role: "user", content: text } };
}

function remark(level: "info" | "warning" | "error", content: string): Body {
  return { type: "system", subtype: "informational", content, level, isMeta: false };
}

/** In the shape of a UUID that is made from a name (version 5). */
function uuidOf(session: string, seq: number): string {
  const hash = createHash("sha256").update(`ml-intern:${session}:${seq}`).digest("hex");
  const variant = ((Number.parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-${variant}${hash.slice(18, 20)}-${hash.slice(20, 32)}`;
}
