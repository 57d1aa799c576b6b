import type { Piece } from "./piece.ts";

/**
 * State that is being used. Its bytes stay as they are until it is released; nobody may change them. What was read from
 * disk and has no room within the memory limit is held by the lease alone.
 */
export interface StateLease extends Disposable {
  /** The state of the pieces that were asked for, in order, up to the first that is not there any more. */
  readonly states: readonly Uint8Array[];
  /** Can be called again without harm. */
  release(): void;
}

/** The pieces stay in memory until the lease is released. */
export function leaseOf(pieces: readonly Piece[], states: readonly Uint8Array[]): StateLease {
  let isHeld = true;
  const release = (): void => {
    if (isHeld) for (const piece of pieces) piece.leases--;
    isHeld = false;
  };
  return { states, release, [Symbol.dispose]: release };
}
