import type { CountTokensRequest, MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { CachePlan } from "../cache/cache-plan.ts";
import type { PromptHolder } from "../cache/held-prompts.ts";
import type { Measured } from "../cache/measure.ts";
import type { PromptPlace } from "../cache/prompt/prompt-block.ts";
import type { ThinkingSigner } from "./answer/thinking-signer.ts";

export interface EngineModel {
  /** As a client names it, without the engine's prefix. */
  readonly id: string;
  readonly displayName: string;
  /** Prompt and output together, in tokens; null where the engine cannot know. */
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly supportsImages: boolean;
  readonly supportsThinking: boolean;
  /** RFC 3339, where the engine knows it. */
  readonly createdAt?: string;
  /** What an upstream of the Messages API says of it, field by field; clients get it as it is. */
  readonly asListed?: Readonly<Record<string, unknown>>;
}

/**
 * Something that answers a Messages request. The request is validated; `request.model` is the model's name at the
 * engine, without the engine's prefix.
 *
 * `generate` either throws a `GatewayError` before its first event, or yields a well-formed stream
 * (see {@link MessageStreamEvent}) that ends in `message_stop`; when it fails in between it throws, and the caller
 * turns that into the stream's `error` event. It stops promptly when `signal` aborts.
 */
export interface Engine {
  readonly name: string;
  generate(request: MessagesRequest, options: GenerateOptions): AsyncIterable<MessageStreamEvent>;
  /** Prompt tokens of the request; an estimate where the engine has no tokenizer, and then documented as one. */
  countTokens(request: CountTokensRequest, options: GenerateOptions): Promise<number>;
  /** Throws a `GatewayError` that names cause and mend when the engine cannot be reached. */
  listModels(options: { readonly signal: AbortSignal }): Promise<readonly EngineModel[]>;
  /**
   * What is known of one model without asking anybody far away; null when nothing is. The gateway holds requests to
   * the limits that it states.
   */
  describe?(model: string): Promise<EngineModel | null>;
  /**
   * How long the prompt is, and how long it is through each of some places (they come in the order of the prompt): as
   * exact as `countTokens`. For an engine that has this, the gateway keeps the contract of prompt caching (see
   * `PromptCache`) and hands its plan to `generate`; of others nothing is said to be cached.
   */
  measure?(
    request: CountTokensRequest,
    places: readonly PromptPlace[],
    options: GenerateOptions,
  ): Promise<Measured>;
  /** What the engine itself keeps of prompts, so that it can be shown and forgotten; models by their names at the engine. */
  readonly prompts?: PromptHolder;
  /** Whether `countTokens` is exact: then a prompt may be refused by its count. Default false. */
  readonly countsExactly?: boolean;
  /**
   * For engines whose upstream speaks the Messages API itself: sends the client's own bytes and gives back the
   * upstream's own answer, whatever its status, with nothing rewritten. Throws a `GatewayError` only when there is no
   * answer. Where it exists, the gateway uses it instead of `generate` and leaves validation to the upstream.
   */
  relay?(request: RelayRequest, options: GenerateOptions): Promise<RelayedAnswer>;
}

export interface RelayRequest {
  /** Under `/v1`, with the client's query, such as `/messages?beta=true`. */
  readonly path: string;
  /** The body as the client sent it, but for the model's name, which is the upstream's. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Disposing of it hangs up. */
export interface RelayedAnswer extends AsyncDisposable {
  readonly status: number;
  /** Those that are meant for the client. */
  readonly headers: Headers;
  /** The bytes as they came. Throws a `GatewayError` when the upstream falls silent or breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface GenerateOptions {
  readonly signal: AbortSignal;
  /** Headers of the client's request, for engines that pass them through. */
  readonly headers: Headers;
  /** Whose request it is. Engines with limited room share it fairly between workspaces. */
  readonly workspace: string;
  /** Signs the thinking of answers that are written here. */
  readonly signer?: ThinkingSigner;
  /** What the prompt cache does for the request, which the answer's `usage` has to say; see {@link Engine.measure}. */
  readonly cache?: CachePlan | null;
}
