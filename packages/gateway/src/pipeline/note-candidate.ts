import type { RequestNotes } from "../routes/gateway-env.ts";
import type { Candidate } from "./resolve-models.ts";

/** Writes down who is asked now; whoever was asked before has not answered. */
export function noteCandidate({ engine, name }: Candidate, notes: RequestNotes): void {
  if (notes.engine !== undefined)
    notes.passed_over = [...(notes.passed_over ?? []), `${notes.engine}/${notes.upstream_model}`];
  delete notes.cache_miss_reason;
  delete notes.cache_miss_at;
  delete notes.cache_promised_tokens;
  notes.engine = engine.name;
  notes.upstream_model = name;
}
