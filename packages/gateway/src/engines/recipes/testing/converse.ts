import type {
  ContentBlock,
  InputMessage,
  MessageStreamEvent,
  MessagesRequest,
  StopReason,
  ToolUseBlock,
} from "@ml-intern/messages";
import { createRecipesEngine } from "../recipes-engine.ts";

/** How a scripted tool answers a call. */
export type Answer = string | { readonly error: { code: string; message: string; mend: string } };
export type Answers = (call: ToolUseBlock) => Answer;

export const TOOL_NAMES: readonly string[] = [
  "plan",
  "inspect_data",
  "propose_contract",
  "read",
  "write",
  "edit",
  "bash",
  "python",
  "start_run",
  "submit_for_evaluation",
  "publish_model",
];

export function requestOf(
  messages: readonly InputMessage[],
  overrides: Partial<MessagesRequest> = {},
): MessagesRequest {
  const tools = TOOL_NAMES.map((name) => ({ name, input_schema: { type: "object" } }));
  return {
    model: "default",
    max_tokens: 32_000,
    system: "You are ml-intern.",
    messages,
    tools,
    ...overrides,
  };
}

export interface Reply {
  readonly events: readonly MessageStreamEvent[];
  readonly content: readonly ContentBlock[];
  readonly text: string;
  readonly calls: readonly ToolUseBlock[];
  readonly stopReason: StopReason | null;
}

/** One request, its events and the message that they fold into. */
export async function reply(request: MessagesRequest, signal?: AbortSignal): Promise<Reply> {
  const options = {
    signal: signal ?? new AbortController().signal,
    headers: new Headers(),
    workspace: "default",
  };
  const events: MessageStreamEvent[] = [];
  for await (const event of createRecipesEngine().generate(request, options)) events.push(event);
  return fold(events);
}

function fold(events: readonly MessageStreamEvent[]): Reply {
  const content: ContentBlock[] = [];
  const pieces = new Map<number, string>();
  let stopReason: StopReason | null = null;
  for (const event of events) {
    if (event.type === "content_block_start") content[event.index] = event.content_block;
    else if (event.type === "content_block_delta") {
      const { delta } = event;
      const piece =
        delta.type === "text_delta"
          ? delta.text
          : delta.type === "input_json_delta"
            ? delta.partial_json
            : "";
      pieces.set(event.index, (pieces.get(event.index) ?? "") + piece);
    } else if (event.type === "message_delta") stopReason = event.delta.stop_reason;
  }
  const blocks = content.map((block, index): ContentBlock => {
    const whole = pieces.get(index) ?? "";
    if (block.type === "text") return { ...block, text: whole };
    if (block.type !== "tool_use" || stopReason === "max_tokens") return block;
    return { ...block, input: JSON.parse(whole) as ToolUseBlock["input"] };
  });
  const text = blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
  const calls = blocks.filter((block) => block.type === "tool_use");
  return { events, content: blocks, text, calls, stopReason };
}

export interface Talk {
  readonly messages: readonly InputMessage[];
  readonly replies: readonly Reply[];
}

/** Lets the engine work against scripted tools until it ends its turn. */
export async function converse(
  start: string | readonly InputMessage[],
  answers: Answers,
  overrides: Partial<MessagesRequest> = {},
): Promise<Talk> {
  const messages: InputMessage[] =
    typeof start === "string" ? [{ role: "user", content: start }] : [...start];
  const replies: Reply[] = [];
  while (replies.length < 60) {
    const next = await reply(requestOf(messages, overrides));
    replies.push(next);
    messages.push({ role: "assistant", content: next.content });
    if (next.calls.length === 0) return { messages, replies };
    messages.push({ role: "user", content: next.calls.map((call) => resultOf(call, answers(call))) });
  }
  throw new Error("the conversation does not end");
}

function resultOf(call: ToolUseBlock, answer: Answer): Exclude<InputMessage["content"], string>[number] {
  const failed = typeof answer !== "string";
  const content = failed ? JSON.stringify(answer) : answer;
  return { type: "tool_result", tool_use_id: call.id, content, is_error: failed };
}

/** All calls of a talk, in order. */
export function callsOf({ replies }: Talk, name?: string): ToolUseBlock[] {
  return replies.flatMap(({ calls }) => calls).filter((call) => name === undefined || call.name === name);
}
