import type { Token } from "node-llama-cpp";
import type { Vocabulary } from "./tokenize-in-pieces.ts";

/** A place between two tokens. */
export interface TokenBoundary {
  /** In characters of the text. */
  readonly at: number;
  /** In tokens. */
  readonly index: number;
}

/** A text and its tokens. */
export interface TokenizedText {
  readonly text: string;
  readonly tokens: Int32Array;
  /** Some boundaries, in order; the first is the beginning. */
  readonly cuts: readonly TokenBoundary[];
}

/** Tokens of which one character may consist. */
const TOKENS_PER_CHARACTER = 4;

/**
 * The last boundary within the first `length` characters: a token that lies on both sides does not count. It is an
 * earlier one when the tokens do not spell the text, which tokenizers that change what they read do.
 */
export function boundaryWithin(
  tokenized: TokenizedText,
  length: number,
  vocabulary: Vocabulary,
): TokenBoundary {
  const { text, tokens, cuts } = tokenized;
  if (length >= text.length) return { at: text.length, index: tokens.length };
  const next = cuts.find(({ at }) => at > length);
  let { at, index } = cuts.findLast((cut) => cut.at <= length) ?? { at: 0, index: 0 };
  let end = next?.index ?? tokens.length;
  while (index < end) {
    const half = Math.ceil((end - index) / 2);
    const spelt = spell(tokenized, { at, index, half, end }, vocabulary);
    if (spelt !== null && spelt.at <= length) ({ at, index } = spelt);
    else end = index + half - 1;
  }
  return { at, index };
}

interface SpellOptions extends TokenBoundary {
  readonly half: number;
  readonly end: number;
}

/** The boundary behind `half` more tokens, or some more where these end within a character. */
function spell(
  { text, tokens }: TokenizedText,
  { at, index, half, end }: SpellOptions,
  { detokenize }: Vocabulary,
): TokenBoundary | null {
  for (let count = half; count < half + TOKENS_PER_CHARACTER && index + count <= end; count++) {
    const spelt = detokenize(
      listOf(tokens.subarray(index, index + count)),
      listOf(tokens.subarray(Math.max(0, index - 1), index)),
    );
    const reached = spelt === "" ? null : endOf(spelt, text, at);
    if (reached !== null) return { at: reached, index: index + count };
  }
  return null;
}

/**
 * Where a text that stands in another at `start` ends there; null when it does not stand there. Spaces may be missing:
 * llama.cpp leaves out those before punctuation for some vocabularies.
 */
function endOf(part: string, text: string, start: number): number | null {
  if (text.startsWith(part, start)) return start + part.length;
  let at = start;
  for (let index = 0; index < part.length; index++, at++) {
    while (part[index] !== text[at] && text[at] === " ") at++;
    if (part[index] !== text[at] && !(part[index] === "\ufffd" && isHalf(text, at))) return null;
  }
  return at;
}

/** Whether half a character stands alone: to a tokenizer that is another one. */
function isHalf(text: string, at: number): boolean {
  return /^\p{Surrogate}/u.test(text.slice(at, at + 2));
}

function listOf(tokens: Int32Array): readonly Token[] {
  return Array.from(tokens) as Token[];
}
