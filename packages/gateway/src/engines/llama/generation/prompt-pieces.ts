/** A piece with fewer tokens is computed by another kernel, whose rounding differs. */
export const SHORTEST_PIECE = 64;
/** The longest piece: between two of them a request can be cancelled and others get their turn. */
export const LONGEST_PIECE = 512;
/** The longest piece while other conversations are being written, so that their next token does not wait for long. */
export const SHARED_PIECE = 128;

/**
 * How many of the `remaining` tokens of a prompt to evaluate next. No piece but that of a very short prompt has fewer
 * than {@link SHORTEST_PIECE} tokens, so that the result does not depend on how a prompt was cut.
 */
export function nextPieceLength(remaining: number, longest: number): number {
  if (remaining <= longest) return remaining;
  return Math.min(longest, Math.max(remaining - SHORTEST_PIECE, SHORTEST_PIECE));
}

/** {@link nextPieceLength}, where reading has to pause at some places: those that are too near to another one are left out. */
export function nextPieceOf(
  {
    done,
    length,
    pauses,
  }: { readonly done: number; readonly length: number; readonly pauses: readonly number[] },
  longest: number,
): number {
  const pause = pauses.find((at) => at - done >= SHORTEST_PIECE && length - at >= SHORTEST_PIECE);
  return nextPieceLength((pause ?? length) - done, longest);
}

/**
 * How many of the tokens that a sequence holds already are kept for a prompt of `length` tokens that shares the first
 * `common` with it. The rest is evaluated, and is long enough for the usual kernel. Nothing is left to evaluate where
 * the prompt is held whole and what follows it is known.
 */
export function keptTokens(
  common: number,
  length: number,
  { isEndKnown = false }: { readonly isEndKnown?: boolean } = {},
): number {
  if (isEndKnown && common === length) return length;
  return Math.max(0, Math.min(common, length - SHORTEST_PIECE));
}
