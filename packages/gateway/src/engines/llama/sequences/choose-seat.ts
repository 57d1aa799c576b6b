/** A sequence's memory. */
export interface SeatState {
  /** The tokens that can be gone on from. */
  readonly tokens: readonly number[];
  /** How many tokens would be lost with it; default: those that can be gone on from. */
  readonly held?: number;
  readonly isFree: boolean;
  /** When it was used last; only the order counts. */
  readonly usedAt: number;
}

/** What losing a held token costs, against reading one anew: not every conversation goes on. */
const LOSS = 0.5;

/**
 * The free seat to put a prompt into, or null when none is free: where most of the prompt is held already, unless that
 * would wipe out a long conversation that shares only its beginning. Among equals, the one unused for longest.
 */
export function chooseSeat<T extends SeatState>(seats: readonly T[], prompt: readonly number[]): T | null {
  let best: { readonly seat: T; readonly worth: number } | null = null;
  for (const seat of seats) {
    if (!seat.isFree) continue;
    const common = commonLength(seat.tokens, prompt);
    const worth = common - LOSS * ((seat.held ?? seat.tokens.length) - common);
    const isBetter = best === null || worth > best.worth;
    const isOlder = best !== null && worth === best.worth && seat.usedAt < best.seat.usedAt;
    if (isBetter || isOlder) best = { seat, worth };
  }
  return best?.seat ?? null;
}

/** How many tokens two conversations begin with in common. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}
