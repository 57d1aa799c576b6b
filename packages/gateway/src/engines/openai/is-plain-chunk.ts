import type { ChatChunk } from "./chat-chunk.ts";

/**
 * Whether this is a chunk of the commonest kind: one choice that adds some text, or some of the first calls' arguments.
 * Nearly all chunks are, and looking at one by hand takes a tenth of the schema's time. Whatever else a chunk may be is
 * the schema's to say.
 */
export function isPlainChunk(json: unknown): json is ChatChunk {
  if (!isObject(json) || !Array.isArray(json.choices) || json.choices.length !== 1) return false;
  if (json.error || json.usage) return false;
  const choice: unknown = json.choices[0];
  if (!isObject(choice) || choice.finish_reason || choice.message || !isObject(choice.delta)) return false;
  const { content, tool_calls: calls, ...rest } = choice.delta;
  for (const name in rest) {
    if (READ_ELSEWHERE.has(name) && rest[name] !== null) return false;
  }
  if (content !== undefined && content !== null && typeof content !== "string") return false;
  return calls === undefined || calls === null || (Array.isArray(calls) && calls.every(isArgumentsPiece));
}

const READ_ELSEWHERE = new Set([
  "refusal",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "function_call",
]);

function isArgumentsPiece(call: unknown): boolean {
  if (!isObject(call) || typeof call.index !== "number" || !isObject(call.function)) return false;
  const { name, arguments: text } = call.function;
  return typeof text === "string" && isMissing(name) && isMissing(call.id);
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
