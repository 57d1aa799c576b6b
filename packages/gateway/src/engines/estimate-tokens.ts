/** For want of the model's tokenizer; wrong by a third either way. */
export const CHARACTERS_PER_TOKEN = 4;
/** About what a picture of a million pixels costs with most models. */
const TOKENS_PER_IMAGE = 1_500;

/** The parts of a request that make up its prompt, checked or not. */
export interface Prompt {
  readonly system?: unknown;
  readonly tools?: unknown;
  readonly messages?: unknown;
}

/** Prompt tokens of a request by its length; an image counts the same whatever its size. */
export function estimateTokens({ system = "", tools = [], messages }: Prompt): number {
  let images = 0;
  const text = JSON.stringify([system, tools, messages], (key, value: unknown) => {
    if (key === "cache_control") return undefined;
    if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "image")
      return value;
    images++;
    return null;
  });
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}
