import type { MessagesRequest } from "@ml-intern/messages";
import type { Engine, GenerateOptions } from "../engines/engine.ts";
import { invalidRequest } from "../gateway-error.ts";

export interface ModelLimitsOptions extends GenerateOptions {
  readonly engine: Engine;
  /** The model's name at the engine. */
  readonly name: string;
}

/**
 * Holds a request to what is known of the model. Throws the API's own 400 for more output tokens than the model can
 * give, and for a prompt that alone is larger than its window; the latter only where the engine counts exactly.
 */
export async function checkModelLimits(
  request: MessagesRequest,
  { engine, name, ...options }: ModelLimitsOptions,
): Promise<void> {
  const model = await engine.describe?.(name);
  if (!model) return;
  const { maxOutputTokens: most, contextWindow: window } = model;
  if (most !== null && request.max_tokens > most) {
    throw invalidRequest(
      `max_tokens: ${request.max_tokens} > ${most}, which is the maximum allowed number of output tokens for ${request.model}`,
    );
  }
  if (window === null || !engine.countsExactly || !mayExceed(request, window)) return;
  const { max_tokens: _, stream: _stream, ...question } = request;
  const tokens = await engine.countTokens({ ...question, model: name }, options);
  if (tokens > window) throw invalidRequest(`prompt is too long: ${tokens} tokens > ${window} maximum`);
}

/** A token is at least one character of the request's text, so that most prompts need not be counted. */
function mayExceed({ system = "", tools = [], messages }: MessagesRequest, window: number): boolean {
  return JSON.stringify([system, tools, messages]).length > window;
}
