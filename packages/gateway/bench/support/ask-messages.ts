import { type TimedMessage, timedMessage } from "./timed-message.ts";

export interface Question {
  readonly system: string;
  readonly said: string;
  /** Most tokens of the answer; default 8. */
  readonly tokens?: number;
  /** 0, the default, is an answer that is the same each time. */
  readonly temperature?: number;
}

const MARKER = { cache_control: { type: "ephemeral" } };

/** Asks a Messages server, with markers behind the system text and behind the question. */
export function askMessages(
  url: string,
  { system, said, tokens = 8, temperature = 0 }: Question,
): Promise<TimedMessage> {
  return timedMessage(url, {
    model: "llama/m",
    max_tokens: tokens,
    temperature,
    top_k: 40,
    system: [{ type: "text", text: system, ...MARKER }],
    messages: [{ role: "user", content: [{ type: "text", text: said, ...MARKER }] }],
  });
}

/** How fast an answer was written behind its first text. */
export function tokensPerSecond({ usage, firstMs, totalMs }: TimedMessage): number {
  return ((usage.output_tokens - 1) / (totalMs - firstMs)) * 1000;
}
