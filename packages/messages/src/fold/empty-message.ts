import type { Message } from "../types.ts";

export interface EmptyMessageOptions {
  readonly id: string;
  readonly model: string;
  readonly inputTokens: number;
}

/** The message that a stream begins with: nothing is said yet, and nothing was read from a cache or written to one. */
export function emptyMessage({ id, model, inputTokens }: EmptyMessageOptions): Message {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: inputTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: "standard",
    },
  };
}
