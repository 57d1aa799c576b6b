import type { CountTokensRequest, Message, MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { GatewayError } from "../../gateway-error.ts";
import { EAGER_BETA } from "../answer/is-eager-tool.ts";
import type { Engine, EngineModel, GenerateOptions, RelayedAnswer, RelayRequest } from "../engine.ts";
import { nonsenseError } from "../upstream/connection-error.ts";
import { type Endpoint, withoutTrailingSlash } from "../upstream/endpoint.ts";
import { pooledFetch } from "../upstream/pooled-fetch.ts";
import { requestUpstream, type UpstreamResponse } from "../upstream/request-upstream.ts";
import type { UpstreamFetch } from "../upstream/upstream-fetch.ts";
import { streamedEvents, wholeEvents } from "./message-stream.ts";
import { DEFAULT_VERSION, headersToClient, headersToUpstream } from "./relayed-headers.ts";
import { upstreamError } from "./upstream-error.ts";

export interface AnthropicEngineOptions {
  readonly apiKey: string;
  /** Default `https://api.anthropic.com`. */
  readonly baseUrl?: string;
  /** Default `anthropic`. */
  readonly name?: string;
  /** Longest wait for the first byte and between two pieces; default 600 s. */
  readonly silenceMs?: number;
  /** Default: kept-alive connections, shared by the whole process. */
  readonly fetch?: UpstreamFetch;
}

/** A whole answer may take as long as the API's own clients wait for one. */
const SILENCE_MS = 600_000;

/** The parts of the API's answers to questions other than messages that are read here. */
interface Listed {
  readonly id: string;
  readonly display_name?: string;
  readonly created_at?: string;
  readonly max_input_tokens?: number | null;
  readonly max_tokens?: number | null;
}

/**
 * An engine that passes requests and answers through to Anthropic's API, byte for byte where it can: unknown fields and
 * events, betas, and the wording of errors stay as they are. The key is the engine's own.
 */
export function createAnthropicEngine({
  apiKey,
  baseUrl = "https://api.anthropic.com",
  name = "anthropic",
  silenceMs = SILENCE_MS,
  fetch = pooledFetch,
}: AnthropicEngineOptions): Engine {
  const headers = { "x-api-key": apiKey };
  const endpoint: Endpoint = { baseUrl: withoutTrailingSlash(baseUrl), headers, silenceMs, fetch };

  async function* generate(
    request: MessagesRequest,
    { signal, headers }: GenerateOptions,
  ): AsyncGenerator<MessageStreamEvent> {
    // Answers come as streams in any case; only pre-warming, which the API does not stream, comes whole.
    const isWhole = request.max_tokens === 0;
    const eager = request.stream === true;
    const json = { ...(eager ? request : withoutEagerTools(request)), stream: !isWhole };
    await using response = await requestUpstream(endpoint, {
      path: "/v1/messages",
      headers: forwarded(headers, { eager }),
      json,
      signal,
    });
    if (isWhole) yield* wholeEvents(await readJson<Message>(response, endpoint.baseUrl));
    else yield* streamedEvents(await successful(response, endpoint.baseUrl), endpoint.baseUrl);
  }

  async function relay(
    { path, body }: RelayRequest,
    { signal, headers }: GenerateOptions,
  ): Promise<RelayedAnswer> {
    const response = await requestUpstream(endpoint, {
      path: `/v1${path}`,
      headers: headersToUpstream(headers),
      bytes: body,
      signal,
    });
    const { status } = response;
    const fault = noAnswer(response, endpoint.baseUrl);
    if (fault) {
      await response[Symbol.asyncDispose]();
      throw fault;
    }
    return {
      status,
      headers: headersToClient(response.headers),
      body: response.body,
      [Symbol.asyncDispose]: () => response[Symbol.asyncDispose](),
    };
  }

  async function countTokens(
    request: CountTokensRequest,
    { signal, headers }: GenerateOptions,
  ): Promise<number> {
    await using response = await requestUpstream(endpoint, {
      path: "/v1/messages/count_tokens",
      headers: forwarded(headers, { eager: true }),
      json: request,
      signal,
    });
    const { input_tokens: tokens } = await readJson<{ input_tokens: number }>(response, endpoint.baseUrl);
    return tokens;
  }

  async function listModels({ signal }: { readonly signal: AbortSignal }): Promise<readonly EngineModel[]> {
    await using response = await requestUpstream(endpoint, {
      path: "/v1/models?limit=1000",
      headers: { "anthropic-version": DEFAULT_VERSION },
      signal,
    });
    const { data } = await readJson<{ data: readonly Listed[] }>(response, endpoint.baseUrl);
    return data.map(engineModel);
  }

  return { name, countsExactly: true, relay, generate, countTokens, listModels };
}

/** What the client said about the API's version and betas. */
function forwarded(headers: Headers, { eager }: { eager: boolean }): Readonly<Record<string, string>> {
  const betas = (headers.get("anthropic-beta") ?? "").split(",").map((beta) => beta.trim());
  const kept = betas.filter((beta) => beta !== "" && (eager || beta !== EAGER_BETA));
  return {
    "anthropic-version": headers.get("anthropic-version") ?? DEFAULT_VERSION,
    ...(kept.length > 0 ? { "anthropic-beta": kept.join(",") } : {}),
  };
}

/** A client that does not stream must not get arguments that nobody has checked. */
function withoutEagerTools(request: MessagesRequest): MessagesRequest {
  if (!request.tools?.some((tool) => "eager_input_streaming" in tool)) return request;
  return {
    ...request,
    tools: request.tools.map((tool) =>
      "eager_input_streaming" in tool ? { ...tool, eager_input_streaming: false } : tool,
    ),
  };
}

async function successful(response: UpstreamResponse, baseUrl: string): Promise<UpstreamResponse> {
  const { status, headers } = response;
  if (status >= 300) throw upstreamError(await response.text(), { baseUrl, status, headers });
  return response;
}

/** A successful answer's body. Its shape is the API's promise. */
async function readJson<T>(response: UpstreamResponse, baseUrl: string): Promise<T> {
  const text = await (await successful(response, baseUrl)).text();
  try {
    return JSON.parse(text) as T;
  } catch {
    throw nonsenseError(baseUrl, { received: "what is not JSON", mend: "Check the base URL." });
  }
}

function engineModel(model: Listed): EngineModel {
  return {
    id: model.id,
    displayName: model.display_name ?? model.id,
    contextWindow: model.max_input_tokens ?? null,
    maxOutputTokens: model.max_tokens ?? null,
    supportsImages: true,
    supportsThinking: true,
    ...(model.created_at ? { createdAt: model.created_at } : {}),
    asListed: { ...model },
  };
}

/** What is wrong with an answer that cannot be the API's; null for any other. */
function noAnswer({ status, headers }: UpstreamResponse, baseUrl: string): GatewayError | null {
  if (status >= 300 && status < 400) {
    // Followed, a redirect could carry the key elsewhere.
    return nonsenseError(baseUrl, {
      received: `a redirect to ${headers.get("location") ?? "nowhere"}`,
      mend: "Configure the base URL that it leads to, if that is where the key belongs.",
    });
  }
  const isPage = status < 300 && headers.get("content-type")?.includes("html") === true;
  const isEmpty = status === 204 || status === 205;
  if (isPage || isEmpty) {
    const received = isPage ? "a web page" : `${status}, which has no body`;
    return nonsenseError(baseUrl, { received, mend: "Check the base URL." });
  }
  return null;
}
