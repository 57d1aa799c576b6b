import type { ContentBlock, InputBlock, InputMessage, Message, Usage } from "@ml-intern/messages";
import type { Compaction, ToolAnswer, ToolCall, UnusableCall } from "./session-event.ts";

/** A call of the newest answer that has no result yet. One that has `started` may have had effects. */
export interface PendingCall extends ToolCall {
  readonly started: boolean;
  /** Why it must not be executed. */
  readonly unusable?: string;
}

/** The conversation with the model, folded from the log. */
export interface Conversation {
  /** As it is sent; it ends where the next request or the pending calls begin. */
  readonly messages: readonly InputMessage[];
  readonly lastMessage: Message | null;
  /** The beginning of an answer whose rest has not come yet, when calls in it are complete. */
  readonly arriving: Message | null;
  readonly pending: readonly PendingCall[];
  readonly answered: readonly InputBlock[];
  /** What the person has said and the model has not heard. */
  readonly unheard: readonly string[];
  /** What the person wants to say when this turn is over. */
  readonly queued: readonly string[];
  readonly size: ConversationSize;
  /** Whether the person wants it shortened. */
  readonly isToBeCompacted: boolean;
}

export interface ConversationSize {
  /** As the model counted them, instructions and tools included, when it last said so. */
  readonly tokens: number;
  /** That came after that count. */
  readonly characters: number;
  /** Of all messages. */
  readonly total: number;
}

/** No tokenizer fits more characters into a token, on average; a server that counts fewer tokens does not count. */
const MOST_CHARACTERS_PER_TOKEN = 10;

export const NO_CONVERSATION: Conversation = {
  messages: [],
  lastMessage: null,
  arriving: null,
  pending: [],
  answered: [],
  unheard: [],
  queued: [],
  size: { tokens: 0, characters: 0, total: 0 },
  isToBeCompacted: false,
};

/** What the person said is put at the end of the conversation, for the model call that follows. */
export function heard<State extends Conversation>(state: State): State {
  if (state.unheard.length === 0) return state;
  return { ...withMessage(state, { role: "user", content: state.unheard.join("\n\n") }), unheard: [] };
}

export function withGuidance<State extends Conversation>(state: State, text: string): State {
  return withMessage(state, { role: "user", content: text });
}

/** A call of an answer that is still being written. */
export function withArrivingCall<State extends Conversation>(state: State, message: Message): State {
  const known = new Set(toolCalls(state.arriving?.content ?? []).map(({ id }) => id));
  const calls = toolCalls(message.content).filter(({ id }) => !known.has(id));
  const pending = calls.map((call) => ({ ...call, started: false }));
  return { ...state, arriving: message, pending: [...state.pending, ...pending] };
}

/** The whole answer. Calls that began while it was being written keep what is known of them. */
export function withAnswer<State extends Conversation>(
  state: State,
  message: Message,
  unusable: readonly UnusableCall[],
): State {
  const { usage } = message;
  const content = replayable(message.content);
  const done = new Set(state.answered.map((block) => ("tool_use_id" in block ? block.tool_use_id : "")));
  const open = new Map(state.pending.map((call) => [call.id, call]));
  const reasons = new Map(unusable.map(({ id, reason }) => [id, reason]));
  const pending = toolCalls(content)
    .filter(({ id }) => !done.has(id))
    .map((call): PendingCall => {
      const reason = reasons.get(call.id);
      return open.get(call.id) ?? { ...call, started: false, ...(reason && { unusable: reason }) };
    });
  return delivered({
    ...state,
    messages: content.length === 0 ? state.messages : [...state.messages, { role: "assistant", content }],
    lastMessage: message,
    arriving: null,
    pending,
    size: sizeWith(state.size, { usage, characters: content.length === 0 ? 0 : charactersOf(content) }),
  });
}

export function withStartedCall<State extends Conversation>(state: State, id: string): State {
  const pending = state.pending.map((call) => (call.id === id ? { ...call, started: true } : call));
  return { ...state, pending };
}

export function withResult<State extends Conversation>(
  state: State,
  { id, content, is_error }: ToolAnswer & { readonly id: string },
): State {
  const result: InputBlock = {
    type: "tool_result",
    tool_use_id: id,
    content,
    ...(is_error ? { is_error: true } : {}),
  };
  return delivered({
    ...state,
    pending: state.pending.filter((call) => call.id !== id),
    answered: [...state.answered, result],
  });
}

/** The API refuses empty texts, and messages without content. */
function replayable(content: readonly ContentBlock[]): readonly ContentBlock[] {
  const said = content.filter((block) => block.type !== "text" || block.text.trim() !== "");
  return said.some(({ type }) => type === "text" || type === "tool_use") ? said : [];
}

/** Once every call of a whole answer has its result, they become one user message, in the order of the calls. */
function delivered<State extends Conversation>(state: State): State {
  const { arriving, pending, answered, lastMessage } = state;
  if (arriving || pending.length > 0 || answered.length === 0) return state;
  const order = new Map(toolCalls(lastMessage?.content ?? []).map(({ id }, index) => [id, index]));
  const place = (block: InputBlock): number =>
    "tool_use_id" in block ? (order.get(block.tool_use_id) ?? order.size) : order.size;
  const content = [...answered].sort((a, b) => place(a) - place(b));
  return { ...withMessage(state, { role: "user", content }), answered: [] };
}

export function compacted<State extends Conversation>(state: State, compaction: Compaction): State {
  const { summary, kept, tokens_after: tokens } = compaction;
  const elided = new Set(compaction.elided);
  const rest = summary === null ? state.messages : kept === 0 ? [] : state.messages.slice(-kept);
  const messages = rest.map((message) => withoutResults(message, elided));
  return {
    ...state,
    messages: summary === null ? messages : [{ role: "user", content: summary }, ...messages],
    size: { tokens, characters: 0, total: sizeOf(messages) + (summary?.length ?? 0) },
    isToBeCompacted: false,
  };
}

/** Results that are long and belong to one of the calls give way to the name of the file that holds them. */
export function withoutResults(message: InputMessage, calls: ReadonlySet<string>): InputMessage {
  if (message.role !== "user" || typeof message.content === "string") return message;
  const content = message.content.map((block) =>
    block.type === "tool_result" && calls.has(block.tool_use_id) && typeof block.content === "string"
      ? { ...block, content: elidedText(block.tool_use_id, block.content.length) }
      : block,
  );
  return { ...message, content };
}

/** The folder of the workspace in which texts of results are kept, each written once. */
export const RESULTS = ".output";

export function resultFile(callId: string): string {
  return `${RESULTS}/${callId}.txt`;
}

function elidedText(callId: string, length: number): string {
  return `[${length} characters, left out to save room; \`read\` ${resultFile(callId)} if they are needed]`;
}

function withMessage<State extends Conversation>(state: State, message: InputMessage): State {
  const { tokens, characters, total } = state.size;
  const added = charactersOf(message.content);
  return {
    ...state,
    messages: [...state.messages, message],
    size: { tokens, characters: characters + added, total: total + added },
  };
}

function sizeWith(
  before: ConversationSize,
  { usage, characters }: { readonly usage: Usage; readonly characters: number },
): ConversationSize {
  const tokens = promptTokens(usage) + usage.output_tokens;
  const total = before.total + characters;
  const isCounted = tokens * MOST_CHARACTERS_PER_TOKEN >= total;
  return isCounted
    ? { tokens, characters: 0, total }
    : { tokens: before.tokens, characters: before.characters + characters, total };
}

export function sizeOf(messages: readonly InputMessage[]): number {
  return messages.reduce((sum, { content }) => sum + charactersOf(content), 0);
}

export function charactersOf(content: InputMessage["content"]): number {
  return typeof content === "string" ? content.length : JSON.stringify(content).length;
}

export function toolCalls(content: readonly ContentBlock[]): ToolCall[] {
  return content.flatMap((block) =>
    block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
  );
}

/** All of a prompt, from a cache or not. */
export function promptTokens(usage: Usage): number {
  return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
}
