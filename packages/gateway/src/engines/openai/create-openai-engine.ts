import type { Engine, EngineModel } from "../engine.ts";

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
  /** Longest wait for the first byte and between two chunks; default 280 s. */
  readonly silenceMs?: number;
  readonly fetch?: typeof fetch;
  readonly newId?: (prefix: "msg" | "toolu") => string;
}

/** An engine over any OpenAI-compatible Chat Completions endpoint: Ollama, vLLM, SGLang, llama-server, LM Studio, the Hugging Face router, OpenAI. */
export function createOpenAiEngine(options: OpenAiEngineOptions): Engine {
  throw new Error(`not built yet: ${options.baseUrl}`);
}
