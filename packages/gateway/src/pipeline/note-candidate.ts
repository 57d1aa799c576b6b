import type { RequestNotes } from "../routes/gateway-env.ts";
import type { Candidate } from "./resolve-models.ts";

/** Writes down who answers. */
export function noteCandidate({ engine, name }: Candidate, notes: RequestNotes): void {
  notes.engine = engine.name;
  notes.upstream_model = name;
}
