import { verifiedScores } from "../publishing/verified-scores.ts";
import { nextRunEvent } from "../runs/next-run-event.ts";
import type { SessionState } from "../session/session-state.ts";
import { endedWithoutModel, lastObstacle } from "./endings.ts";
import type { Goal, Judgement } from "./goal.ts";
import { FINISH, nudgeFor, REPLY_CUT_OFF } from "./guidance.ts";
import { SYSTEM_PROMPT } from "./system-prompt.ts";

/** A published model; or, once the person asks about the work, an answer. */
export const PUBLISHING: Goal = {
  instructions: SYSTEM_PROMPT,
  usesKeptBack: true,
  finish: (state, { budget }) => (budget === "none" && hasSomethingToPublish(state) ? FINISH : null),
  async judge({ message, isReply }, place): Promise<Judgement> {
    const { state } = place.session;
    if (isPublished(state)) return { kind: "end", result: { outcome: "published", cause: null } };
    // Whoever waits for a run has said all that there is to say for now.
    if (await nextRunEvent({ ...place, wait: true })) return { kind: "go_on", guidance: null };
    if (message.stop_reason === "max_tokens") return { kind: "go_on", guidance: REPLY_CUT_OFF };
    // A question about the work is answered with words.
    if (isReply) return { kind: "end", result: { outcome: "answered", cause: null } };
    const obstacle = lastObstacle(place.session.state);
    const otherwise = endedWithoutModel(obstacle);
    if (obstacle !== null) return { kind: "end", result: otherwise };
    return { kind: "nudge", guidance: nudgeFor(place.session.state), otherwise };
  },
};

function hasSomethingToPublish(state: SessionState): boolean {
  return verifiedScores(state).length > 0 && !isPublished(state);
}

function isPublished({ records }: SessionState): boolean {
  return (records.release?.length ?? 0) > 0;
}
