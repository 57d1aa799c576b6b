import type { GatewayError } from "../../gateway-error.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import { requestUpstream, type UpstreamResponse } from "../upstream/request-upstream.ts";
import type { ChatRequest } from "./chat-types.ts";
import { type Problem, problemError, readProblem } from "./problem.ts";

/** What an endpoint may refuse although others need it, and how to do without. */
const ADAPTATIONS: Readonly<Record<string, (request: ChatRequest) => ChatRequest>> = {
  max_tokens: ({ max_tokens: limit, ...rest }) =>
    limit === undefined ? rest : { ...rest, max_completion_tokens: limit },
  stream_options: ({ stream_options: _, ...rest }) => rest,
  parallel_tool_calls: ({ parallel_tool_calls: _, ...rest }) => rest,
  top_k: ({ top_k: _, ...rest }) => rest,
};

/** By model: the fields that an endpoint has refused before. */
export type Refusals = Map<string, ReadonlySet<string>>;

export interface OpenChatOptions {
  readonly refusals: Refusals;
  readonly signal: AbortSignal;
  /** Looks closer at an answer of 404, or one that names the model as the cause. */
  readonly explainMissingModel: (problem: Problem) => Promise<GatewayError>;
}

/**
 * Sends a chat request, again without a field that the endpoint refuses, and remembers what worked. Resolves with a
 * successful answer, whose body is still to be read; throws a `GatewayError` for any other.
 */
export async function openChat(
  endpoint: Endpoint,
  request: ChatRequest,
  { refusals, signal, explainMissingModel }: OpenChatOptions,
): Promise<UpstreamResponse> {
  const { baseUrl } = endpoint;
  const without = new Set(refusals.get(request.model));
  for (;;) {
    const json = [...without].reduce((body, field) => ADAPTATIONS[field]?.(body) ?? body, request);
    const response = await requestUpstream(endpoint, { path: "/chat/completions", json, signal });
    const { status, headers } = response;
    if (status < 300) {
      refusals.set(request.model, without);
      return response;
    }
    const problem = readProblem(await response.text());
    const field = status === 400 || status === 422 ? refusedField(problem, json) : null;
    if (field === null) {
      if (status === 404 || problem.code === "model_not_found") throw await explainMissingModel(problem);
      throw problemError(problem, { status, headers, baseUrl });
    }
    without.add(field);
  }
}

/** Not every server names the field apart from the sentence, so the sentence is searched as well. */
function refusedField({ param, message }: Problem, request: ChatRequest): string | null {
  const fields = Object.keys(ADAPTATIONS).filter((field) => field in request);
  return fields.find((field) => field === param || new RegExp(`\\b${field}\\b`).test(message)) ?? null;
}
