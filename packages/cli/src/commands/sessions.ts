import { type EvaluationRecord, listSessions, type SessionState } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { number } from "../terminal/format.ts";

/** One line a session, newest first; a damaged one is shown with its damage. */
export async function sessions(
  { json }: { json: boolean },
  { home, out, style }: CommandContext,
): Promise<number> {
  const listings = await listSessions(home);
  if (listings.length === 0 && !json)
    out('No sessions yet. Begin with: ml-intern "Train a classifier …" --data FILE\n');
  for (const listing of listings) {
    if (listing.state === null) {
      out(
        json
          ? `${JSON.stringify(listing)}\n`
          : `${listing.id}  ${style.failure("damaged")}  ${listing.damage}\n`,
      );
      continue;
    }
    const { id, state, damage } = listing;
    const { task, data, model } = state.options;
    const best = bestScore(state);
    if (json) {
      out(
        `${JSON.stringify({ id, outcome: state.outcome, task, data, model, created: state.created, test: best, cause: state.cause, damage })}\n`,
      );
      continue;
    }
    const score = best === null ? "" : style.verified(`  ✔ ${best.metric} ${number(best.value)}`);
    out(`${id}  ${state.outcome.padEnd(10)}${score}  ${style.dim(task.slice(0, 70))}\n`);
    if (damage !== null) out(`  ${style.failure("damaged")}  ${damage}\n`);
  }
  return EXIT.published;
}

function bestScore(state: SessionState): EvaluationRecord["scores"][number] | null {
  const evaluations = (state.records.evaluation ?? []) as readonly EvaluationRecord[];
  return evaluations.flatMap(({ scores }) => scores).findLast(({ set }) => set === "test") ?? null;
}
