import type { Token } from "node-llama-cpp";
import { sameTokens } from "../state/format/same-tokens.ts";

/** What cuts a text into tokens and puts them together again. */
export interface Vocabulary {
  readonly tokenize: (text: string) => readonly Token[];
  /** The tokens of a text that others precede: some tokenizers put a space before one that nothing precedes. */
  readonly tokenizeRest: (text: string) => readonly Token[];
  /** `before` is the token that precedes them. */
  readonly detokenize: (tokens: readonly Token[], before: readonly Token[]) => string;
}

/** Characters that are tokenized at once: some ten milliseconds. */
const PIECE = 8_192;
/** Characters at the end of a piece whose tokens are not believed, since what follows might change them. */
export const MARGIN = 512;
/** Words, and then tokens, before which a cut is tried. */
export const TRIES = 16;

/** Tokens that no text behind them changes. */
export interface TokenRun {
  readonly tokens: readonly Token[];
  /** Characters of the text up to the end of the run. */
  readonly end: number;
}

/**
 * The tokens of a text, the same as the tokenizer gives for the whole, a piece after the other: between two of them the
 * thread is free. Some runs are empty. `start` is where a run may begin.
 *
 * A tokenizer decides by what it sees on both sides. So a piece ends where a token ends, at a place that neither side
 * depends on: what follows the cut gives the same tokens without what precedes it, and the tokens behind the cut stay
 * what they are when more text follows. Where there is no such place the piece grows, up to the whole text.
 *
 * That is checked at each cut, and not proven for every vocabulary: one that groups a number's digits from its last one
 * on could group a number of more than a piece's length in another way. The tokens still spell the text.
 */
export function* tokenizeInPieces(
  text: string,
  vocabulary: Vocabulary,
  start: number = 0,
): Generator<TokenRun> {
  let piece = readPiece(text, { start, size: PIECE, vocabulary });
  while (piece.end < text.length) {
    const cut = findCut(text, piece, vocabulary);
    const next = cut && readPiece(text, { start: cut.at, size: PIECE, vocabulary });
    const half = Math.floor((cut?.rest.length ?? 0) / 2);
    if (cut && next && sameTokens(next.tokens.slice(0, half), cut.rest.slice(0, half))) {
      yield { tokens: piece.tokens.slice(0, -cut.rest.length), end: cut.at };
      piece = next;
    } else {
      yield { tokens: [], end: piece.start };
      piece = readPiece(text, { start: piece.start, size: 2 * (piece.end - piece.start), vocabulary });
    }
  }
  yield { tokens: piece.tokens, end: text.length };
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly Token[];
}

interface ReadPieceOptions {
  readonly start: number;
  readonly size: number;
  readonly vocabulary: Vocabulary;
}

function readPiece(text: string, { start, size, vocabulary }: ReadPieceOptions): Piece {
  const end = start + size - (isWithinCharacter(text, start + size) ? 1 : 0);
  const tokens = vocabulary[start === 0 ? "tokenize" : "tokenizeRest"](text.slice(start, end));
  return { start, end: Math.min(end, text.length), tokens };
}

interface Cut {
  readonly at: number;
  /** The piece's tokens behind the cut. */
  readonly rest: readonly Token[];
}

/** A place before the margin where the piece can be cut without a change of what follows. */
function findCut(text: string, piece: Piece, vocabulary: Vocabulary): Cut | null {
  for (const at of places(text, piece, vocabulary)) {
    if (at <= piece.start || isWithinCharacter(text, at)) continue;
    const rest = vocabulary.tokenizeRest(text.slice(at, piece.end));
    if (rest.length < piece.tokens.length && sameTokens(piece.tokens.slice(-rest.length), rest))
      return { at, rest };
  }
  return null;
}

/** Where a word begins; and where a token does, for texts without words. */
function* places(text: string, { end, tokens }: Piece, { detokenize }: Vocabulary): Generator<number> {
  const from = Math.max(0, end - 2 * MARGIN);
  yield* wordsBefore(text, { from, end: end - MARGIN });
  const fewest = countLast(tokens, (last) => detokenize(last, []).length >= MARGIN);
  for (let count = fewest; count < Math.min(tokens.length, fewest + TRIES); count++) {
    yield end - detokenize(tokens.slice(-count), tokens.slice(-count - 1, -count)).length;
  }
}

/** Where the last words before `end` begin, the last one first. */
export function wordsBefore(
  text: string,
  { from, end }: { readonly from: number; readonly end: number },
): readonly number[] {
  const words = Array.from(text.slice(from, end).matchAll(/(?<=\S)\s/g), ({ index }) => from + index);
  return words.slice(-TRIES).reverse();
}

/** How many of the last tokens it takes, at least, for them to be enough. */
function countLast(tokens: readonly Token[], isEnough: (last: readonly Token[]) => boolean): number {
  let few = 0;
  let many = tokens.length;
  while (many - few > 1) {
    const middle = Math.floor((few + many) / 2);
    if (isEnough(tokens.slice(-middle))) many = middle;
    else few = middle;
  }
  return many;
}

/** Whether both halves of a character that takes two are cut apart here. */
function isWithinCharacter(text: string, at: number): boolean {
  return at > 0 && at < text.length && (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
