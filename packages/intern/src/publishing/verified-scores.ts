import type { Score } from "@ml-intern/lab";
import type { SessionState } from "../session/session-state.ts";
import type { EvaluationRecord } from "./release-record.ts";

/** Every verified score that the session has recorded, oldest first, each ledger row once. */
export function verifiedScores(state: SessionState): Score[] {
  // Only submit_for_evaluation records evaluations, and it records this shape.
  const evaluations = (state.records.evaluation ?? []) as readonly EvaluationRecord[];
  const scores = evaluations.flatMap((evaluation) => evaluation.scores);
  return [...new Map(scores.map((score) => [score.ledger_seq, score])).values()];
}
