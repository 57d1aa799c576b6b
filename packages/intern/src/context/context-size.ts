import type { Conversation } from "../session/conversation.ts";

/** The size from which a conversation is shortened, whatever the model's window: longer ones are answered worse and dearer. */
const LONGEST = 170_000;
const SHARE_OF_WINDOW = 0.85;
/** Characters of a token, on the safe side. */
const CHARACTERS_PER_TOKEN = 3;

export interface ModelWindow {
  /** The most that a request can hold, prompt and answer, in tokens; null when nobody knows. */
  readonly tokens: number | null;
  /** Most tokens of an answer. */
  readonly output: number;
}

/** The most tokens that a request may have before the conversation is shortened. */
export function compactionLimit({ tokens, output }: ModelWindow): number {
  if (tokens === null) return LONGEST;
  return Math.max(1, Math.min(LONGEST, Math.floor(SHARE_OF_WINDOW * tokens), tokens - output));
}

/** Instructions and tools, as long as nobody has counted them. */
const STANDING_TOKENS = 8_000;

/** Tokens of the next request: those that the model counted in its last answer, and a guess of what came since. */
export function estimateContext({ size }: Pick<Conversation, "size">): number {
  return (size.tokens || STANDING_TOKENS) + estimateTokens(size.characters);
}

export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
