import type { LlamaModel, Token } from "node-llama-cpp";
import { type Known, PromptMemo, sharedBeginning } from "./prompt-memo.ts";
import { resumePlace } from "./resume-place.ts";
import { takeTurns } from "./take-turns.ts";
import { tokenizeInPieces, type Vocabulary } from "./tokenize-in-pieces.ts";
import { boundaryWithin, type TokenBoundary, type TokenizedText } from "./tokenized-text.ts";

export interface PromptTokensOptions {
  /** Whose prompt it is: only prompts of the same workspace help with it. */
  readonly workspace: string;
  /** Stops between two pieces of the text. */
  readonly signal: AbortSignal;
}

export interface TokenizedPrompt {
  readonly tokens: readonly Token[];
  /** Tokens within the beginning that this prompt and the pieces of another have in common. */
  sharedTokens(pieces: readonly string[]): number;
}

/** Tokens that are copied at once: far less than a millisecond. */
const STEP = 16_384;

/** A model's tokenizer for prompts. */
export type PromptTokenizer = (
  pieces: readonly string[],
  options: PromptTokensOptions,
) => Promise<TokenizedPrompt>;

/**
 * Makes tokens of a prompt's pieces. Special tokens are meant where a piece has them. Long texts do not keep the thread,
 * and what a prompt has in common with one before it is not tokenized again; the tokens are the same as if it were.
 */
export function createPromptTokenizer(
  model: LlamaModel,
  memo: PromptMemo = new PromptMemo(),
): PromptTokenizer {
  const { bos, bosString, shouldPrependBosToken } = model.tokens;
  const first = vocabularyOf(model);
  // Some tokenizers put a space before every text; a piece in the middle of one must not get it.
  const others = { ...first, tokenize: (text: string) => model.tokenize(text, true, "trimLeadingSpace") };
  const vocabularyAt = (index: number): Vocabulary => (index === 0 ? first : others);

  return async (texts, { workspace, signal }) => {
    const known = memo.find(workspace, texts);
    const nextTurn = takeTurns(signal);
    const pieces: TokenizedText[] = [];
    for (const [index, text] of texts.entries()) {
      const vocabulary = vocabularyAt(index);
      const begun = known ? begunPiece(known, index, vocabulary) : null;
      pieces.push(begun?.text === text ? begun : await tokenizePiece(text, { begun, vocabulary, nextTurn }));
    }
    memo.keep(workspace, pieces);
    const isMissing = shouldPrependBosToken && bos !== null && !texts[0]?.startsWith(bosString ?? "\0");
    const tokens = isMissing ? [bos] : [];
    const before = tokens.length;
    for (const piece of pieces) {
      for (let at = 0; at < piece.tokens.length; at += STEP) {
        for (const token of piece.tokens.subarray(at, at + STEP)) tokens.push(token as Token);
        await nextTurn();
      }
    }
    return {
      tokens,
      sharedTokens(others) {
        const { pieces: same, characters } = sharedBeginning(pieces, others);
        const whole = pieces.slice(0, same).reduce((sum, { tokens }) => sum + tokens.length, before);
        const next = pieces[same];
        return next ? whole + boundaryWithin(next, characters, vocabularyAt(same)).index : whole;
      },
    };
  };
}

/** What is known of a piece: all of it, its beginning, or nothing. */
function begunPiece({ pieces, shared }: Known, index: number, vocabulary: Vocabulary): TokenizedText | null {
  const known = pieces[index];
  if (!known || index > shared.pieces) return null;
  if (index < shared.pieces) return known;
  const place = resumePlace({ known, common: shared.characters, vocabulary });
  return place.at === 0 ? null : beginningOf(known, place);
}

function beginningOf({ text, tokens, cuts }: TokenizedText, { at, index }: TokenBoundary): TokenizedText {
  return {
    text: text.slice(0, at),
    tokens: tokens.subarray(0, index),
    cuts: [...cuts.filter((cut) => cut.at < at), { at, index }],
  };
}

interface TokenizePieceOptions {
  readonly begun: TokenizedText | null;
  readonly vocabulary: Vocabulary;
  readonly nextTurn: () => Promise<void>;
}

async function tokenizePiece(
  text: string,
  { begun, vocabulary, nextTurn }: TokenizePieceOptions,
): Promise<TokenizedText> {
  const cuts = [...(begun?.cuts ?? [{ at: 0, index: 0 }])];
  const runs = [...(begun ? [begun.tokens] : [])];
  let count = begun?.tokens.length ?? 0;
  for (const { tokens, end } of tokenizeInPieces(text, vocabulary, begun?.text.length)) {
    runs.push(Int32Array.from(tokens));
    count += tokens.length;
    if (tokens.length > 0 && end < text.length) cuts.push({ at: end, index: count });
    await nextTurn();
  }
  return { text, tokens: joined(runs, count), cuts };
}

function joined(runs: readonly Int32Array[], count: number): Int32Array {
  const whole = new Int32Array(count);
  let at = 0;
  for (const run of runs) {
    whole.set(run, at);
    at += run.length;
  }
  return whole;
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
