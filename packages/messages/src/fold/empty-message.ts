import type { Message } from "../types.ts";

export interface EmptyMessageOptions {
  readonly id: string;
  readonly model: string;
  /** Of the prompt, those that no cache gave back and none took in. */
  readonly inputTokens: number;
  /** Of the prompt, those that a cache gave back; default 0. */
  readonly cacheReadTokens?: number;
  /** Of the prompt, those that a cache took in, by how long it keeps them; default 0. */
  readonly cacheCreationTokens?: { readonly "5m": number; readonly "1h": number };
}

const NOTHING_WRITTEN = { "5m": 0, "1h": 0 };

/** The message that a stream begins with: nothing is said yet. */
export function emptyMessage({
  id,
  model,
  inputTokens,
  cacheReadTokens = 0,
  cacheCreationTokens: written = NOTHING_WRITTEN,
}: EmptyMessageOptions): Message {
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
      cache_creation_input_tokens: written["5m"] + written["1h"],
      cache_read_input_tokens: cacheReadTokens,
      cache_creation: { ephemeral_5m_input_tokens: written["5m"], ephemeral_1h_input_tokens: written["1h"] },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: "standard",
    },
  };
}
