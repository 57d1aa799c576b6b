import { z } from "zod";

interface FunctionDelta {
  readonly name?: string | null | undefined;
  /** Text by the specification; some servers send the object itself. */
  readonly arguments?: string | Readonly<Record<string, unknown>> | null | undefined;
}

export interface ChatToolCallDelta {
  readonly index?: number | null | undefined;
  readonly id?: string | null | undefined;
  readonly function?: FunctionDelta | null | undefined;
}

export interface ChatContentPart {
  readonly type: string;
  readonly text?: string | undefined;
  /** Mistral's thinking, as parts within a part. */
  readonly thinking?: string | readonly { readonly text?: string | undefined }[] | undefined;
}

export interface ChatDelta {
  readonly content?: string | readonly ChatContentPart[] | null | undefined;
  readonly refusal?: string | null | undefined;
  /** Servers have two words for thinking. */
  readonly reasoning_content?: string | null | undefined;
  readonly reasoning?: string | null | undefined;
  /** OpenRouter's thinking in parts; mostly the same as `reasoning`. */
  readonly reasoning_details?:
    | readonly { readonly text?: string | null | undefined; readonly summary?: string | null | undefined }[]
    | null
    | undefined;
  readonly tool_calls?: readonly ChatToolCallDelta[] | null | undefined;
  /** What came before `tool_calls`. */
  readonly function_call?: FunctionDelta | null | undefined;
}

interface ChatChoice {
  readonly delta?: ChatDelta | null | undefined;
  /** Where an answer came whole. */
  readonly message?: ChatDelta | null | undefined;
  readonly finish_reason?: string | null | undefined;
}

export interface ChatUsage {
  /** The whole prompt, with what a cache gave back. */
  readonly prompt_tokens?: number | null | undefined;
  readonly prompt_tokens_details?:
    | {
        readonly cached_tokens?: number | null | undefined;
        /** What a cache has taken in, where that costs more: OpenAI and OpenRouter. */
        readonly cache_write_tokens?: number | null | undefined;
      }
    | null
    | undefined;
  /** DeepSeek's word for the cached part. */
  readonly prompt_cache_hit_tokens?: number | null | undefined;
  /** Moonshot's. */
  readonly cached_tokens?: number | null | undefined;
  readonly completion_tokens?: number | null | undefined;
  readonly completion_tokens_details?:
    | { readonly reasoning_tokens?: number | null | undefined }
    | null
    | undefined;
}

/** One piece of a streamed chat completion, as leniently as servers write it. */
export interface ChatChunk {
  readonly choices?: readonly ChatChoice[] | null | undefined;
  readonly usage?: ChatUsage | null | undefined;
  /** A failure that is reported in the middle of a stream. */
  readonly error?: unknown;
}

const functionDelta: z.ZodType<FunctionDelta> = z.object({
  name: z.string().nullish(),
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
});

const toolCallDelta: z.ZodType<ChatToolCallDelta> = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: functionDelta.nullish(),
});

const contentPart: z.ZodType<ChatContentPart> = z.object({
  type: z.string(),
  text: z.string().optional(),
  thinking: z
    .union([z.string(), z.array(z.object({ text: z.string().optional() }))])
    .optional()
    .catch(undefined),
});

const delta: z.ZodType<ChatDelta> = z.object({
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  reasoning_details: z
    .array(z.object({ text: z.string().nullish(), summary: z.string().nullish() }))
    .nullish()
    .catch(null),
  tool_calls: z.array(toolCallDelta).nullish(),
  function_call: functionDelta.nullish(),
});

const choice: z.ZodType<ChatChoice> = z.object({
  delta: delta.nullish(),
  message: delta.nullish(),
  finish_reason: z.string().nullish(),
});

const count = z.number().nullish();

const usage: z.ZodType<ChatUsage> = z.object({
  prompt_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }).nullish().catch(null),
  prompt_cache_hit_tokens: count,
  cached_tokens: count,
  completion_tokens: count,
  completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
});

export const chatChunk: z.ZodType<ChatChunk> = z.object({
  choices: z.array(choice).nullish(),
  // Counts that make no sense are no reason to lose the answer.
  usage: usage.nullish().catch(null),
  error: z.unknown().optional(),
});
