import {
  type EmptyMessageOptions,
  emptyMessage,
  type MessageDeltaUsage,
  type MessageStreamEvent,
} from "@ml-intern/messages";
import type { Ending } from "./answer.ts";

/** The first event of an answer. */
export function messageStart(options: EmptyMessageOptions): MessageStreamEvent {
  return { type: "message_start", message: emptyMessage(options) };
}

export interface MessageEndOptions
  extends Pick<EmptyMessageOptions, "inputTokens" | "cacheReadTokens" | "cacheCreationTokens"> {
  readonly ending: Ending;
  readonly outputTokens: number;
  /** Null where nobody counted them. */
  readonly thinkingTokens: number | null;
}

/** The last two events of an answer; counts are those of the whole message. */
export function messageEnd({
  ending: { reason, stopSequence, refusal },
  inputTokens,
  cacheReadTokens = 0,
  cacheCreationTokens: written,
  outputTokens,
  thinkingTokens,
}: MessageEndOptions): readonly MessageStreamEvent[] {
  const usage: MessageDeltaUsage = {
    input_tokens: inputTokens,
    cache_creation_input_tokens: written ? written["5m"] + written["1h"] : 0,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: outputTokens,
    output_tokens_details: thinkingTokens === null ? null : { thinking_tokens: thinkingTokens },
    server_tool_use: null,
  };
  const delta = {
    stop_reason: reason,
    stop_sequence: stopSequence,
    stop_details:
      reason === "refusal" ? ({ type: "refusal", category: null, explanation: refusal } as const) : null,
    container: null,
  };
  return [{ type: "message_delta", delta, usage }, { type: "message_stop" }];
}

/** The whole answer to a request for no tokens. */
export function emptyAnswer(options: EmptyMessageOptions): readonly MessageStreamEvent[] {
  const ending: Ending = { reason: "max_tokens", stopSequence: null, refusal: null };
  const { id: _id, model: _model, ...prompt } = options;
  return [messageStart(options), ...messageEnd({ ending, ...prompt, outputTokens: 0, thinkingTokens: null })];
}
