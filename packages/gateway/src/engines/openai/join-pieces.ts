import type { ChatChunk } from "./chat-chunk.ts";

/** About as long as a piece may become, in characters. */
const MAX_LENGTH = 1024;

/** What a chunk says when it does nothing but go on with a text, or with the arguments of a call. */
export interface Piece {
  /** The call's index; null for text. */
  readonly call: number | null;
  readonly text: string;
}

/**
 * The same chunks, where those that go on with the same text are one. An endpoint that is faster than its reader sends
 * many at once, and reading one long piece costs hardly more than reading a short one.
 */
export function joinPieces(batch: readonly ChatChunk[]): readonly ChatChunk[] {
  if (batch.length < 2) return batch;
  const chunks: ChatChunk[] = [];
  let held: Piece | null = null;
  const letGo = (): void => {
    if (held) chunks.push(chunkOf(held));
    held = null;
  };
  for (const chunk of batch) {
    const piece = pieceOf(chunk);
    if (!piece) {
      letGo();
      chunks.push(chunk);
      continue;
    }
    if (held && (held.call !== piece.call || held.text.length >= MAX_LENGTH)) letGo();
    held = held ? { call: held.call, text: held.text + piece.text } : piece;
  }
  letGo();
  return chunks;
}

/** What a chunk goes on with, or null when it does anything else. */
export function pieceOf({ choices, usage }: ChatChunk): Piece | null {
  const choice = choices?.[0];
  const delta = choice?.delta;
  if (!choice || !delta || usage || choices.length > 1 || choice.message || choice.finish_reason) return null;
  const { content, tool_calls: calls, refusal, reasoning, reasoning_content, reasoning_details } = delta;
  if (refusal || reasoning || reasoning_content || reasoning_details || delta.function_call) return null;
  if (!calls?.length) return typeof content === "string" ? { call: null, text: content } : null;
  const [call] = calls;
  const text = call?.function?.arguments;
  if (calls.length > 1 || content || typeof call?.index !== "number" || typeof text !== "string") return null;
  return call.id || call.function?.name ? null : { call: call.index, text };
}

function chunkOf({ call, text }: Piece): ChatChunk {
  const delta =
    call === null ? { content: text } : { tool_calls: [{ index: call, function: { arguments: text } }] };
  return { choices: [{ delta }] };
}
