import type Anthropic from "@anthropic-ai/sdk";
import type { InputMessage, MessagesRequest } from "@ml-intern/messages";
import type { SessionState } from "../session/session-state.ts";
import type { Tool } from "../tools/define-tool.ts";

const CACHED = { type: "ephemeral" } as const;

export interface RequestOptions {
  readonly state: SessionState;
  /** What stands before the conversation: the same bytes in every request of an agent. */
  readonly instructions: string;
  readonly tools: readonly Tool[];
  readonly maxTokens: number;
  /** Put behind the conversation, in this request alone. */
  readonly last?: InputMessage;
}

/**
 * The next request. Each one says all that the one before said, byte for byte, and then more, so that a prompt cache gives
 * the whole of it back; only a compaction begins anew. Tools and instructions are the same in every session and have a
 * marker of their own.
 */
export function requestFor({ state, instructions, tools, maxTokens, last }: RequestOptions): MessagesRequest {
  return {
    model: state.options.model,
    max_tokens: maxTokens,
    cache_control: CACHED,
    system: [{ type: "text", text: instructions, cache_control: CACHED }],
    messages: last ? [...state.messages, last] : state.messages,
    diagnostics: { previous_message_id: state.lastMessage?.id ?? null },
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      input_schema: inputSchema,
      // The person watches arguments while they are written; a call is executed only when it is complete.
      eager_input_streaming: true,
    })),
  };
}

/** Tokens of a request, counted by the engine; null when it does not count. */
export async function countRequest(
  client: Anthropic,
  request: MessagesRequest,
  signal: AbortSignal,
): Promise<number | null> {
  const { max_tokens: _, diagnostics: __, ...body } = request;
  try {
    const counted = await client.messages.countTokens(body as Anthropic.MessageCountTokensParams, { signal });
    return counted.input_tokens;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
