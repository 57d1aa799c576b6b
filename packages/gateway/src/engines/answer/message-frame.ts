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

export interface MessageEndOptions {
  readonly ending: Ending;
  /** Of the prompt, those that no cache gave back. */
  readonly inputTokens: number;
  /** Of the prompt, those that a cache gave back; default 0. */
  readonly cacheReadTokens?: number;
  readonly outputTokens: number;
  /** Null where nobody counted them. */
  readonly thinkingTokens: number | null;
}

/** The last two events of an answer; counts are those of the whole message. */
export function messageEnd({
  ending: { reason, stopSequence, refusal },
  inputTokens,
  cacheReadTokens = 0,
  outputTokens,
  thinkingTokens,
}: MessageEndOptions): readonly MessageStreamEvent[] {
  const usage: MessageDeltaUsage = {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
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
  const { inputTokens } = options;
  return [
    messageStart(options),
    ...messageEnd({ ending, inputTokens, outputTokens: 0, thinkingTokens: null }),
  ];
}
