import type { ContentBlock, InputBlock, InputMessage, Message } from "@ml-intern/messages";
import type {
  Cause,
  LoggedEvent,
  Outcome,
  PlanStep,
  RecordKind,
  SessionOptions,
  ToolCall,
} from "./session-event.ts";

/** Everything that a resume needs, folded from the log. */
export interface SessionState {
  readonly id: string;
  readonly created: string;
  readonly options: SessionOptions;
  readonly turns: number;
  readonly iterations: number;
  /** The conversation as it is sent; it ends where the next request or the pending calls begin. */
  readonly messages: readonly InputMessage[];
  readonly lastMessage: Message | null;
  /** Calls of the last assistant message that have no result yet; `started` ones may have had effects. */
  readonly pending: readonly (ToolCall & { readonly started: boolean })[];
  readonly answered: readonly InputBlock[];
  readonly plan: readonly PlanStep[];
  readonly records: Readonly<Partial<Record<RecordKind, readonly unknown[]>>>;
  readonly spent: {
    readonly usd: number;
    readonly unpriced: boolean;
    /** All of the prompts, from a cache or not. */
    readonly input_tokens: number;
    readonly cache_read_tokens: number;
    readonly cache_write_tokens: number;
    readonly output_tokens: number;
    /** What the prompt cache saved so far; negative where it cost more. */
    readonly saved_usd: number;
  };
  readonly ledgerHead: string | null;
  readonly active_ms: number;
  readonly outcome: Outcome | "unfinished";
  readonly cause: Cause | null;
}

const NOTHING_SPENT: SessionState["spent"] = {
  usd: 0,
  unpriced: false,
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  saved_usd: 0,
};

/** Throws nothing: an event of an unknown type (written by a newer version) is passed over. */
export function foldSession(events: readonly LoggedEvent[]): SessionState | null {
  const first = events[0];
  if (first?.type !== "session_created") return null;
  let state: SessionState = {
    id: first.id,
    created: first.time,
    options: first.options,
    turns: 0,
    iterations: 0,
    messages: [],
    lastMessage: null,
    pending: [],
    answered: [],
    plan: [],
    records: {},
    spent: NOTHING_SPENT,
    ledgerHead: null,
    active_ms: 0,
    outcome: "unfinished",
    cause: null,
  };
  for (const event of events) state = applyEvent(state, event);
  return state;
}

export function applyEvent(state: SessionState, event: LoggedEvent): SessionState {
  switch (event.type) {
    case "turn_started":
      return {
        ...state,
        turns: event.turn,
        outcome: "unfinished",
        cause: null,
        messages:
          event.text === null ? state.messages : [...state.messages, { role: "user", content: event.text }],
      };
    case "options_changed":
      return { ...state, options: { ...state.options, ...event.options } };
    case "iteration_started":
      return { ...state, iterations: event.iteration };
    case "assistant_message":
      return withAssistantMessage(state, event);
    case "tool_started":
      return {
        ...state,
        pending: state.pending.map((call) => (call.id === event.id ? { ...call, started: true } : call)),
      };
    case "tool_finished":
      return withToolResult(state, event);
    case "guidance":
      return { ...state, messages: [...state.messages, { role: "user", content: event.text }] };
    case "plan_updated":
      return { ...state, plan: event.steps };
    case "recorded":
      return {
        ...state,
        records: { ...state.records, [event.kind]: [...(state.records[event.kind] ?? []), event.body] },
        ledgerHead: event.ledger_head ?? state.ledgerHead,
      };
    case "turn_finished":
      return {
        ...state,
        outcome: event.outcome,
        cause: event.cause,
        active_ms: state.active_ms + event.elapsed_ms,
      };
    default:
      return state;
  }
}

function withAssistantMessage(
  state: SessionState,
  event: Extract<LoggedEvent, { type: "assistant_message" }>,
): SessionState {
  const { content, usage } = event.message;
  const input = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  return {
    ...state,
    // The API refuses an assistant message without content, so an empty one is not replayed.
    messages: content.length === 0 ? state.messages : [...state.messages, { role: "assistant", content }],
    lastMessage: event.message,
    pending: toolCalls(content).map((call) => ({ ...call, started: false })),
    answered: [],
    spent: {
      usd: state.spent.usd + (event.cost_usd ?? 0),
      unpriced: state.spent.unpriced || event.cost_usd === null,
      input_tokens: state.spent.input_tokens + input,
      cache_read_tokens: state.spent.cache_read_tokens + usage.cache_read_input_tokens,
      cache_write_tokens: state.spent.cache_write_tokens + usage.cache_creation_input_tokens,
      output_tokens: state.spent.output_tokens + usage.output_tokens,
      saved_usd: state.spent.saved_usd + (event.saved_usd ?? 0),
    },
  };
}

function withToolResult(
  state: SessionState,
  event: Extract<LoggedEvent, { type: "tool_finished" }>,
): SessionState {
  const result: InputBlock = {
    type: "tool_result",
    tool_use_id: event.id,
    content: event.content,
    ...(event.is_error ? { is_error: true } : {}),
  };
  const answered = [...state.answered, result];
  const pending = state.pending.filter((call) => call.id !== event.id);
  if (pending.length > 0) return { ...state, pending, answered };
  return {
    ...state,
    pending,
    answered: [],
    messages: [...state.messages, { role: "user", content: answered }],
  };
}

export function toolCalls(content: readonly ContentBlock[]): ToolCall[] {
  return content.flatMap((block) =>
    block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
  );
}
