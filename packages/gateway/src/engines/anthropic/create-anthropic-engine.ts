import type { Engine } from "../engine.ts";

export interface AnthropicEngineOptions {
  readonly apiKey: string;
  /** Default `https://api.anthropic.com`. */
  readonly baseUrl?: string;
  /** The prefix that model names carry in messages to the person; default `anthropic`. */
  readonly name?: string;
  /** Longest wait for the first byte and between two chunks; default 280 s. */
  readonly silenceMs?: number;
  readonly fetch?: typeof fetch;
}

/** An engine that passes requests, events and errors through to Anthropic's API, wording unchanged. */
export function createAnthropicEngine(options: AnthropicEngineOptions): Engine {
  throw new Error(`not built yet: ${options.baseUrl}`);
}
