import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { MessageStreamEvent, MessagesRequest, StopReason } from "@ml-intern/messages";
import { messageStart } from "../answer/message-frame.ts";
import { chunks } from "./chunks.ts";
import { estimateInputTokens, estimateTokens } from "./estimate-tokens.ts";
import type { Move } from "./move.ts";

const TEXT_CHUNK = 24;
const JSON_CHUNK = 64;

/**
 * Streams a move as a language model would stream it: text in small deltas, tool arguments as partial JSON, the event
 * loop yielded to between any two. Ids are a hash of the conversation, so the same request gives the same bytes.
 * Stops with `max_tokens` when the estimate of four characters a token is used up, and throws when `signal` aborts.
 */
export async function* streamMove(
  move: Move,
  { request, signal }: { readonly request: MessagesRequest; readonly signal: AbortSignal },
): AsyncGenerator<MessageStreamEvent> {
  const fingerprint = hash(JSON.stringify([request.system ?? null, request.messages]));
  const budget = request.max_tokens * 4;
  const { text, stopSequence } = cutAtStopSequence(move.text, request.stop_sequences ?? []);
  const calls = stopSequence === null ? move.calls : [];
  let index = -1;
  let sent = 0;

  async function* deltas(whole: string, size: number): AsyncGenerator<string> {
    for (const piece of chunks(whole.slice(0, budget - sent), size)) {
      await setImmediate();
      signal.throwIfAborted();
      sent += piece.length;
      yield piece;
    }
  }

  signal.throwIfAborted();
  yield messageStart({
    id: `msg_${fingerprint}`,
    model: request.model,
    inputTokens: estimateInputTokens(request),
  });
  if (text !== "") {
    index += 1;
    yield { type: "content_block_start", index, content_block: { type: "text", text: "" } };
    for await (const piece of deltas(text, TEXT_CHUNK)) {
      yield { type: "content_block_delta", index, delta: { type: "text_delta", text: piece } };
    }
    yield { type: "content_block_stop", index };
  }
  let cut = sent < text.length;
  for (const call of calls) {
    if (cut || sent >= budget) {
      cut = true;
      break;
    }
    index += 1;
    const id = `toolu_${hash(`${fingerprint}/${index}`)}`;
    const json = JSON.stringify(call.input);
    const sentBefore = sent;
    yield {
      type: "content_block_start",
      index,
      content_block: { type: "tool_use", id, name: call.name, input: {} },
    };
    for await (const piece of deltas(json, JSON_CHUNK)) {
      yield { type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json: piece } };
    }
    yield { type: "content_block_stop", index };
    cut = sent - sentBefore < json.length;
  }

  yield {
    type: "message_delta",
    delta: {
      stop_reason: stopReason({ cut, stopSequence, calls: calls.length }),
      stop_sequence: cut ? null : stopSequence,
      stop_details: null,
      container: null,
    },
    usage: { output_tokens: estimateTokens(sent) },
  };
  yield { type: "message_stop" };
}

function stopReason(end: { cut: boolean; stopSequence: string | null; calls: number }): StopReason {
  if (end.cut) return "max_tokens";
  if (end.stopSequence !== null) return "stop_sequence";
  return end.calls > 0 ? "tool_use" : "end_turn";
}

function cutAtStopSequence(
  text: string,
  sequences: readonly string[],
): { text: string; stopSequence: string | null } {
  let first: { at: number; sequence: string } | null = null;
  for (const sequence of sequences) {
    const at = sequence === "" ? -1 : text.indexOf(sequence);
    if (at >= 0 && (first === null || at < first.at)) first = { at, sequence };
  }
  if (first === null) return { text, stopSequence: null };
  return { text: text.slice(0, first.at), stopSequence: first.sequence };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}
