import type { Problem } from "./problem.ts";

/** An endpoint's complaint that prompt and answer do not fit into the window together. */
export interface ContextOverflow {
  /** Tokens of prompt and answer together that the model can hold. */
  readonly window: number;
  /** Null where the endpoint does not say. */
  readonly promptTokens: number | null;
}

const WINDOW = [
  /maximum context length (?:is|of) (\d+)/i,
  /context (?:size|length|window) (?:is |of |\()*(\d+)/i,
];
const PROMPT = [
  /\((\d+) in the messages/i,
  /(\d+) (?:of text input|in the prompt|input tokens|prompt tokens)/i,
  /messages resulted in (\d+) tokens/i,
  /prompt contains (?:at least )?(\d+)/i,
  /request \((\d+) tokens\)/i,
];

/** The numbers in such a complaint, from fields where a server sends them and else from its sentence; null for any other. */
export function contextOverflow({ code, message, facts }: Problem): ContextOverflow | null {
  if (!isOverflow(code, message)) return null;
  const window = facts.n_ctx ?? firstNumber(message, WINDOW);
  const promptTokens = facts.n_prompt_tokens ?? firstNumber(message, PROMPT);
  return window === null ? null : { window, promptTokens };
}

/** Whether a problem is that the window is too small. Not every server gives the cause a code. */
export function isOverflow(code: string | null, message: string): boolean {
  return (
    code === "context_length_exceeded" ||
    code === "exceed_context_size_error" ||
    /maximum context length|exceeds? the (available )?context/i.test(message)
  );
}

function firstNumber(message: string, patterns: readonly RegExp[]): number | null {
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined) return Number(found);
  }
  return null;
}
