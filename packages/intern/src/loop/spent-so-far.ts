import type { TransientEvent } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";

/** What a session has used up to now, for faces to show. */
export function spentSoFar({ spent }: SessionState): TransientEvent {
  const { unpriced, usd, saved_usd, ...tokens } = spent;
  return { type: "spent", ...tokens, usd: unpriced ? null : usd, saved_usd: unpriced ? null : saved_usd };
}
