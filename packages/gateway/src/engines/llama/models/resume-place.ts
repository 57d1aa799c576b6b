import { MARGIN, TRIES, type Vocabulary, wordsBefore } from "./tokenize-in-pieces.ts";
import { boundaryWithin, type TokenBoundary, type TokenizedText } from "./tokenized-text.ts";

export interface ResumeOptions {
  readonly known: TokenizedText;
  /** Characters that the new text begins with as well. */
  readonly common: number;
  readonly vocabulary: Vocabulary;
}

const BEGINNING: TokenBoundary = { at: 0, index: 0 };

/**
 * Up to where the tokens of a known text are those of a new one that begins in the same way. As with the cuts of
 * `tokenizeInPieces`, what follows such a place has the same tokens without what precedes it, which is tried, and both
 * texts go on in the same way for so long that the tokens before it cannot differ.
 */
export function resumePlace({ known, common, vocabulary }: ResumeOptions): TokenBoundary {
  const end = common - MARGIN;
  for (const word of wordsBefore(known.text, { from: Math.max(0, end - MARGIN), end: Math.max(0, end) })) {
    const boundary = boundaryWithin(known, word, vocabulary);
    if (boundary.at === word && isCut(known, boundary, vocabulary)) return boundary;
  }
  const cuts = known.cuts.filter(({ at }) => at > 0 && at <= end);
  const found = cuts
    .slice(-TRIES)
    .reverse()
    .find((cut) => isCut(known, cut, vocabulary));
  return found ?? BEGINNING;
}

/** Whether the text behind the boundary begins with the same tokens when it stands alone. */
function isCut(
  { text, tokens }: TokenizedText,
  { at, index }: TokenBoundary,
  vocabulary: Vocabulary,
): boolean {
  if (at === 0) return false;
  const alone = vocabulary.tokenizeRest(text.slice(at, at + MARGIN));
  // The last ones depend on what was cut off.
  const believed = alone.slice(0, Math.ceil(alone.length / 2));
  return believed.length > 0 && believed.every((token, offset) => token === tokens[index + offset]);
}
