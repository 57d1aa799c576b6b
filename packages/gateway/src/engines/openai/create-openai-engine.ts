import { Readable } from "node:stream";
import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import { createId } from "../../create-id.ts";
import { type GatewayError, modelNotFound } from "../../gateway-error.ts";
import { type CoalesceOptions, coalesceDeltas } from "../../streaming/coalesce-deltas.ts";
import { deferred } from "../../streaming/deferred.ts";
import { isEagerTool } from "../answer/is-eager-tool.ts";
import { emptyAnswer } from "../answer/message-frame.ts";
import type { Engine, EngineModel, GenerateOptions } from "../engine.ts";
import { estimateMeasure } from "../estimate-measure.ts";
import { estimateTokens } from "../estimate-tokens.ts";
import { nonsenseError } from "../upstream/connection-error.ts";
import { DEFAULT_SILENCE_MS, type Endpoint, withoutTrailingSlash } from "../upstream/endpoint.ts";
import { pooledFetch } from "../upstream/pooled-fetch.ts";
import { traceHeaders } from "../upstream/trace-headers.ts";
import type { UpstreamFetch } from "../upstream/upstream-fetch.ts";
import { cacheHints, takesCacheKey } from "./cache-hints.ts";
import type { ChatChunk, ChatUsage } from "./chat-chunk.ts";
import { chatChunks } from "./chat-chunks.ts";
import { chatRequest } from "./chat-request.ts";
import { countTokens, type EstimatedTokens } from "./chat-usage.ts";
import { listModels } from "./list-models.ts";
import { messageEvents } from "./message-events.ts";
import { openChat, type Refusals } from "./open-chat.ts";
import type { Problem } from "./problem.ts";

export interface OpenAiEngineOptions {
  /** Root of the Chat Completions API, usually ending in `/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** The prefix that model names carry in messages to the person; default `openai`. */
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Offered instead of what the endpoint lists. */
  readonly models?: readonly EngineModel[];
  /** Send earlier thinking back as `reasoning_content`, for servers that keep it. Default false. */
  readonly replayThinking?: boolean;
  /** Send how much the model is to think as `reasoning_effort`. Default false. */
  readonly sendsEffort?: boolean;
  /** Send PDFs as `file` parts, for servers that read them; otherwise they are refused. Default false. */
  readonly sendsFiles?: boolean;
  /**
   * Send a `prompt_cache_key` that the turns of one conversation share, so that they reach the replica which has their
   * beginning; left out where the endpoint refuses it. Default: only to api.openai.com.
   */
  readonly sendsCacheKey?: boolean;
  /**
   * A secret, from which each workspace gets a `cache_salt` of its own: then no workspace finds the cached prompts of
   * another. An endpoint that refuses it is not asked without it. Default: none is sent.
   */
  readonly cacheSalt?: string;
  /** Longest wait for the first byte and between two pieces; default 280 s. */
  readonly silenceMs?: number;
  /** How deltas that follow one another quickly are joined; null joins none. */
  readonly coalesce?: CoalesceOptions | null;
  /** Default: kept-alive connections, shared by the whole process. */
  readonly fetch?: UpstreamFetch;
  readonly newId?: (prefix: "msg" | "toolu") => string;
}

/**
 * An engine over any OpenAI-compatible Chat Completions endpoint: Ollama, vLLM, SGLang, llama-server, LM Studio, the
 * Hugging Face router, OpenAI. Token counts are the endpoint's own in a finished message; `countTokens`, and whatever
 * the endpoint does not report, are estimates from lengths.
 */
export function createOpenAiEngine({
  baseUrl,
  apiKey,
  name = "openai",
  headers = {},
  models,
  replayThinking = false,
  sendsEffort = false,
  sendsFiles = false,
  sendsCacheKey = takesCacheKey(baseUrl),
  cacheSalt,
  silenceMs = DEFAULT_SILENCE_MS,
  coalesce = {},
  fetch = pooledFetch,
  newId = createId,
}: OpenAiEngineOptions): Engine {
  const endpoint: Endpoint = {
    baseUrl: withoutTrailingSlash(baseUrl),
    headers: { ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}), ...headers },
    silenceMs,
    fetch,
  };
  const refusals: Refusals = new Map();

  async function ask(
    request: MessagesRequest,
    { signal, headers, signer, workspace, cache = null }: GenerateOptions,
  ): Promise<AsyncIterable<MessageStreamEvent>> {
    const chat = chatRequest(request, { replayThinking, sendsEffort, sendsFiles });
    const hints = cacheHints(request, {
      ...{ tools: chat.tools, workspace, replayThinking, sendsFiles },
      keySecret: sendsCacheKey ? (apiKey ?? baseUrl) : null,
      saltSecret: cacheSalt ?? null,
    });
    const isWarming = request.max_tokens === 0;
    if (isWarming && !cache?.breakpoints.length) {
      const inputTokens = estimateTokens(request);
      return Readable.from(emptyAnswer({ id: newId("msg"), model: request.model, inputTokens }));
    }
    const { response, isShortened } = await openChat(
      endpoint,
      // No endpoint reads a prompt without writing anything.
      { ...chat, ...hints, ...(isWarming ? { max_tokens: 1 } : {}) },
      {
        refusals,
        headers: traceHeaders(headers),
        signal,
        explainMissingModel: (problem) =>
          missingModel(problem, { endpoint, model: request.model, name, signal }),
      },
    );
    const isEager = (tool: string): boolean => isEagerTool(request, { tool, headers });
    const chunks = chatChunks(response, endpoint.baseUrl);
    if (isWarming) {
      const prompt = countTokens(await usageOf(chunks), { estimated: estimatedPrompt(request), plan: cache });
      return Readable.from(emptyAnswer({ id: newId("msg"), model: request.model, ...prompt }));
    }
    const answer = { request, newId, isEager, signer, plan: cache, isShortened };
    return coalesceDeltas(messageEvents(chunks, answer), coalesce);
  }

  return {
    name,
    generate: (request, options) => deferred(() => ask(request, options)),
    countTokens: async (request) => estimateTokens(request),
    measure: async (request, places) => estimateMeasure(request, places),
    describe: async (model) => models?.find(({ id }) => id === model) ?? null,
    listModels: async ({ signal }) => models ?? (await listModels(endpoint, signal)),
  };
}

/** Reads an answer to its end for what it says of tokens. */
async function usageOf(batches: AsyncIterable<readonly ChatChunk[]>): Promise<ChatUsage | null> {
  let usage: ChatUsage | null = null;
  for await (const batch of batches) {
    for (const { usage: reported } of batch) usage = reported ?? usage;
  }
  return usage;
}

function estimatedPrompt(request: MessagesRequest): EstimatedTokens {
  return { inputTokens: estimateTokens(request), outputTokens: 0 };
}

interface MissingModelOptions {
  readonly endpoint: Endpoint;
  readonly model: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Tells an unknown model from a wrong base URL, by asking for the list of models. */
async function missingModel(
  problem: Problem,
  { endpoint, model, name, signal }: MissingModelOptions,
): Promise<GatewayError> {
  const { baseUrl } = endpoint;
  const found = await listModels(endpoint, signal).catch(() => null);
  if (!found && !problem.structured) {
    return nonsenseError(baseUrl, {
      received: "404: it has no /chat/completions there",
      mend: "Check the base URL: it usually ends in /v1.",
    });
  }
  const names = (found ?? []).slice(0, 20).map(({ id }) => `\`${name}/${id}\``);
  const offer =
    names.length > 0 ? `It has ${names.join(", ")}.` : "It lists no models: load one there first.";
  return modelNotFound(`${name}/${model}`, `The endpoint ${baseUrl} said: ${problem.message}. ${offer}`);
}
