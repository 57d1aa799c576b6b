import type { Piece } from "./piece.ts";

/** After this time without use a piece counts half. */
const HALF_LIFE_MS = 10 * 60_000;
/** From this position on, attention over what is before costs more than everything else about a token. */
const ATTENTION_POSITION = 8192;
/** Uses of one request, within this time, count as one. */
const SAME_USE_MS = 1000;
/** A clock that is set back by more than this ends promises, so that none is for ever. */
const CLOCK_SLACK_MS = 60_000;
/** More uses than two to this power, right now, can only come from a clock that has been set back. */
const HOTTEST = 12;

/**
 * Counts a use. The heat is the logarithm of the sum of all uses, each weighing half as much per half-life: on this
 * scale all pieces cool down alike, so that their order needs no recomputing as time goes by.
 */
export function countUse(piece: Piece, now: number, until = 0): void {
  if (piece.usedAt > now + CLOCK_SLACK_MS) piece.until = 0;
  piece.until = Math.max(piece.until, until);
  const fresh = now / HALF_LIFE_MS;
  const heat = heatAt(piece, now);
  const isSameUse = now - piece.usedAt < SAME_USE_MS && now >= piece.usedAt;
  if (!isSameUse || heat === Number.NEGATIVE_INFINITY) {
    piece.heat = Math.max(heat, fresh) + Math.log2(1 + 2 ** -Math.abs(heat - fresh));
  }
  piece.usedAt = now;
}

export function isPromised(piece: Piece, now: number): boolean {
  return now < piece.until && piece.usedAt <= now + CLOCK_SLACK_MS;
}

/** The heat, mended after the clock was set back: as if used once, now. */
export function heatAt(piece: Piece, now: number): number {
  const fresh = now / HALF_LIFE_MS;
  if (piece.heat > fresh + HOTTEST) piece.heat = fresh;
  return piece.heat;
}

/** What a byte of it saves, on a logarithmic scale: the work to compute it again, times the uses to expect. */
export function worth(piece: Piece, now: number): number {
  const start = piece.kind === "block" ? piece.start : boundaryBefore(piece);
  return Math.log2(workOf(start, piece.end) / piece.size) + heatAt(piece, now);
}

/** To compute tokens from `start` to `end`, in units of the first token of a prompt. */
function workOf(start: number, end: number): number {
  return (end - start) * (1 + (start + end) / 2 / ATTENTION_POSITION);
}

/** Where one would have to begin if this boundary were gone. */
function boundaryBefore(piece: Piece): number {
  let node = piece.node.parent;
  while (node && !node.boundary) node = node.parent;
  return node?.end ?? 0;
}
