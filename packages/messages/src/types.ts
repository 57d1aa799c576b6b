/**
 * The Messages wire, as plain readonly data: what a client may send and what a server may answer.
 * Names and spellings are the API's own. Unknown extra fields are allowed on requests and kept out of these types.
 */

export interface CacheControl {
  readonly type: "ephemeral";
  readonly ttl?: "5m" | "1h";
}

export interface TextBlock {
  readonly type: "text";
  readonly text: string;
  readonly citations?: readonly unknown[] | null;
}

export interface ThinkingBlock {
  readonly type: "thinking";
  readonly thinking: string;
  readonly signature: string;
}

export interface RedactedThinkingBlock {
  readonly type: "redacted_thinking";
  readonly data: string;
}

/** `input` is always a JSON object. */
export interface ToolUseBlock {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What an assistant message is made of. */
export type ContentBlock = TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock;

export interface Base64Source {
  readonly type: "base64";
  readonly media_type: string;
  readonly data: string;
}

export interface UrlSource {
  readonly type: "url";
  readonly url: string;
}

export interface ImageBlock {
  readonly type: "image";
  readonly source: Base64Source | UrlSource;
}

export interface DocumentBlock {
  readonly type: "document";
  readonly title?: string | null;
  readonly source:
    | Base64Source
    | UrlSource
    | { readonly type: "text"; readonly media_type: "text/plain"; readonly data: string }
    | { readonly type: "content"; readonly content: string | readonly (TextBlock | ImageBlock)[] };
}

export interface SearchResultBlock {
  readonly type: "search_result";
  readonly source: string;
  readonly title: string;
  readonly content: readonly TextBlock[];
}

/** Names a deferred tool that the model may use from here on. */
export interface ToolReferenceBlock {
  readonly type: "tool_reference";
  readonly tool_name: string;
}

export type ToolResultContent =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | SearchResultBlock
  | ToolReferenceBlock;

export interface ToolResultBlock {
  readonly type: "tool_result";
  readonly tool_use_id: string;
  readonly content?: string | readonly ToolResultContent[];
  readonly is_error?: boolean;
}

interface Markable {
  readonly cache_control?: CacheControl | null;
}

/**
 * What a request's message may hold, in either role. The API knows more kinds, mostly of tools that it runs itself; a
 * request may carry them, and an engine that cannot use them refuses it.
 */
export type InputBlock =
  | (TextBlock & Markable)
  | (ImageBlock & Markable)
  | (DocumentBlock & Markable)
  | (SearchResultBlock & Markable)
  | (ToolUseBlock & Markable)
  | (ToolResultBlock & Markable)
  | ThinkingBlock
  | RedactedThinkingBlock;

export interface InputMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: string | readonly InputBlock[];
}

/** A tool that the client runs. `input_schema` is a JSON Schema with `type: "object"`. */
export interface ToolDefinition extends Markable {
  readonly type?: "custom" | null;
  readonly name: string;
  readonly description?: string;
  readonly input_schema: Readonly<Record<string, unknown>>;
  /** Send arguments as they are written; otherwise they leave one whole top-level member at a time. */
  readonly eager_input_streaming?: boolean | null;
  readonly strict?: boolean;
  /** Kept out of the prompt until a `tool_reference` names it. */
  readonly defer_loading?: boolean;
}

/** A tool whose definition the API itself holds, such as `web_search_20250305`. */
export interface TypedTool extends Markable {
  readonly type: string;
  readonly name?: string;
}

export type ToolChoice =
  | { readonly type: "auto"; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: "any"; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: "tool"; readonly name: string; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: "none" };

export type ThinkingConfig =
  | { readonly type: "enabled"; readonly budget_tokens: number }
  | { readonly type: "adaptive"; readonly display?: string }
  | { readonly type: "disabled" }
  | { readonly type: "between_tools" };

export interface MessagesRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly InputMessage[];
  readonly system?: string | readonly (TextBlock & Markable)[];
  readonly tools?: readonly (ToolDefinition | TypedTool)[];
  readonly tool_choice?: ToolChoice;
  readonly stop_sequences?: readonly string[];
  readonly stream?: boolean;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly thinking?: ThinkingConfig;
  readonly metadata?: { readonly user_id?: string | null };
  readonly context_management?: { readonly edits?: readonly { readonly type: string }[] | null };
  readonly cache_control?: CacheControl | null;
  /** Asks why the prompt cache did not have the prompt; null as the id on a conversation's first turn. */
  readonly diagnostics?: { readonly previous_message_id?: string | null } | null;
}

/** What `count_tokens` takes: a request without the parts that only generation needs. */
export type CountTokensRequest = Omit<MessagesRequest, "max_tokens" | "stream">;

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/** Token counts of one request. The three input counts are disjoint: their sum is the whole prompt. */
export interface Usage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number } | null;
  readonly server_tool_use: null;
  readonly service_tier: "standard" | "batch" | null;
}

/** The part of {@link Usage} that a `message_delta` repeats; its counts are cumulative. */
export interface MessageDeltaUsage {
  readonly input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number } | null;
  readonly server_tool_use?: null;
}

export interface Message {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stop_reason: StopReason | null;
  readonly stop_sequence: string | null;
  readonly stop_details: {
    readonly type: "refusal";
    readonly category: string | null;
    readonly explanation: string | null;
  } | null;
  readonly container: null;
  /** Null where the request did not ask, or where nothing stood in the way of the cache. */
  readonly diagnostics: Diagnostics | null;
  /** Only where the request asked for edits of the context. */
  readonly context_management?: AppliedEdits | null;
  readonly usage: Usage;
}

export interface Diagnostics {
  /** Null while it is not yet known. */
  readonly cache_miss_reason: CacheMissReason | null;
}

/** The first thing in which a request differs from the one that it names as the one before. */
export type CacheMissReason =
  | {
      readonly type: "model_changed" | "system_changed" | "tools_changed" | "messages_changed";
      /** About how many tokens the cache would otherwise have given back. */
      readonly cache_missed_input_tokens: number;
    }
  | { readonly type: "previous_message_not_found" | "unavailable" };

/** Which of the edits that a request asked for were made. */
export interface AppliedEdits {
  readonly applied_edits: readonly unknown[];
}

export type BlockDelta =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "input_json_delta"; readonly partial_json: string }
  | { readonly type: "thinking_delta"; readonly thinking: string }
  | { readonly type: "signature_delta"; readonly signature: string }
  | { readonly type: "citations_delta"; readonly citation: unknown };

/**
 * One event of a stream. A well-formed stream is `message_start`, then blocks one after the other
 * (`content_block_start`, deltas, `content_block_stop`; indices from 0 without gaps), then `message_delta`,
 * then `message_stop`. `ping` may stand anywhere. A failure after the first event is one `error`, and nothing follows it.
 */
export type MessageStreamEvent =
  | { readonly type: "message_start"; readonly message: Message }
  | { readonly type: "content_block_start"; readonly index: number; readonly content_block: ContentBlock }
  | { readonly type: "content_block_delta"; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: "content_block_stop"; readonly index: number }
  | {
      readonly type: "message_delta";
      readonly delta: Pick<Message, "stop_reason" | "stop_sequence" | "stop_details" | "container">;
      readonly context_management?: AppliedEdits | null;
      readonly usage: MessageDeltaUsage;
    }
  | { readonly type: "message_stop" }
  | { readonly type: "ping" }
  | { readonly type: "error"; readonly error: ApiErrorDetail; readonly request_id?: string };

export type ApiErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "conflict_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";

export interface ApiErrorDetail {
  readonly type: ApiErrorType;
  readonly message: string;
  /** `error_code` names the cause more finely than `type`. */
  readonly details?: { readonly error_code?: string; readonly [fact: string]: unknown } | null;
}

export interface ApiErrorBody {
  readonly type: "error";
  readonly error: ApiErrorDetail;
  readonly request_id: string;
}
