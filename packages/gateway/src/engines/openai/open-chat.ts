import type { GatewayError } from "../../gateway-error.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import { requestUpstream, type UpstreamResponse } from "../upstream/request-upstream.ts";
import { type AdaptationName, adapted, refusedBy } from "./adaptations.ts";
import { saltRefused } from "./cache-hints.ts";
import type { ChatRequest } from "./chat-types.ts";
import { contextOverflow } from "./context-overflow.ts";
import { type Problem, problemError, readProblem } from "./problem.ts";

/** By model: what an endpoint has refused before. */
export type Refusals = Map<string, ReadonlySet<AdaptationName>>;

export interface OpenChatOptions {
  readonly refusals: Refusals;
  /** Beside the endpoint's own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Looks closer at an answer of 404, or one that names the model as the cause. */
  readonly explainMissingModel: (problem: Problem) => Promise<GatewayError>;
}

export interface OpenedChat {
  /** A successful answer, whose body is still to be read. */
  readonly response: UpstreamResponse;
  /** Whether the answer was made shorter than the client allowed, so that it fits into the model's window. */
  readonly isShortened: boolean;
}

/**
 * Sends a chat request; again without what the endpoint refuses, which is remembered, and again with fewer output tokens
 * when prompt and answer together do not fit into the model's window. Throws a `GatewayError` for any other failure.
 */
export async function openChat(
  endpoint: Endpoint,
  request: ChatRequest,
  { refusals, headers: sent, signal, explainMissingModel }: OpenChatOptions,
): Promise<OpenedChat> {
  const { baseUrl } = endpoint;
  const without = new Set(refusals.get(request.model));
  let limit = request.max_tokens;
  for (;;) {
    const json = adapted(limit === undefined ? request : { ...request, max_tokens: limit }, without);
    const response = await requestUpstream(endpoint, {
      path: "/chat/completions",
      headers: sent,
      json,
      signal,
    });
    const { status, headers } = response;
    if (status < 300) {
      refusals.set(request.model, without);
      return { response, isShortened: limit !== request.max_tokens };
    }
    const problem = readProblem(await response.text());
    const isRefusal = status === 400 || status === 422;
    const room = isRefusal ? roomFor(problem, limit) : null;
    const saltProblem = isRefusal && "cache_salt" in json ? saltRefused(problem, endpoint) : null;
    const refused = isRefusal && room === null ? refusedBy(problem, json) : null;
    if (room !== null) limit = room;
    else if (refused !== null && !without.has(refused)) without.add(refused);
    else if (saltProblem !== null) throw saltProblem;
    else if (status === 404 || problem.code === "model_not_found") throw await explainMissingModel(problem);
    else throw problemError(problem, { status, headers, baseUrl });
  }
}

/** How many tokens an answer may have that is to fit in; null when that is not what the problem is about. */
function roomFor(problem: Problem, limit: number | undefined): number | null {
  const overflow = contextOverflow(problem);
  if (!overflow || overflow.promptTokens === null || limit === undefined) return null;
  const room = overflow.window - overflow.promptTokens;
  return room > 0 && room < limit ? room : null;
}
