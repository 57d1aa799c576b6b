import type { LlamaModel, Token } from "node-llama-cpp";
import { tokenizeInPieces, type Vocabulary } from "./tokenize-in-pieces.ts";

export interface PromptTokensOptions {
  /** Stops between two pieces of the text. */
  readonly signal: AbortSignal;
}

/** How long the thread is kept before others get it. */
const TURN_MS = 10;

/** A prompt's pieces as tokens. Special tokens are meant where a piece has them. Long texts do not keep the thread. */
export async function promptTokens(
  model: LlamaModel,
  pieces: readonly string[],
  { signal }: PromptTokensOptions,
): Promise<readonly Token[]> {
  const { bos, bosString, shouldPrependBosToken } = model.tokens;
  const isMissing = shouldPrependBosToken && bos !== null && !pieces[0]?.startsWith(bosString ?? "\0");
  const tokens = isMissing ? [bos] : [];
  const first = vocabularyOf(model);
  // Some tokenizers put a space before every text; a piece in the middle of one must not get it.
  const others = { ...first, tokenize: (text: string) => model.tokenize(text, true, "trimLeadingSpace") };
  let began = performance.now();
  for (const [index, piece] of pieces.entries()) {
    for (const run of tokenizeInPieces(piece, index === 0 ? first : others)) {
      for (const token of run) tokens.push(token);
      if (performance.now() - began < TURN_MS) continue;
      await nextTurn();
      signal.throwIfAborted();
      began = performance.now();
    }
  }
  return tokens;
}

function vocabularyOf(model: LlamaModel): Vocabulary {
  const tokenize = (text: string): Token[] => model.tokenize(text, true);
  const newline = tokenize("\n");
  const addsSpace = String(tokenize("\nx")) !== String([...newline, ...tokenize("x")]);
  return {
    tokenize,
    // The library's way to leave the space out keeps it in the first word's token.
    tokenizeRest: addsSpace ? (text) => tokenize(`\n${text}`).slice(newline.length) : tokenize,
    detokenize: (tokens, before) => model.detokenize(tokens, true, before),
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
