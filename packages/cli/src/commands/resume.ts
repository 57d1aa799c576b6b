import { listSessions, resolveModel, Session, SessionError } from "@ml-intern/intern";
import type { Command, WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { announce } from "./announce.ts";
import { workOnSession } from "./work-on-session.ts";

/** Goes on with a session at the step where it was; model, budget and limits may be changed for the rest. */
export async function resume(
  command: Extract<Command, { kind: "resume" }>,
  context: CommandContext,
): Promise<number> {
  const { options } = command;
  const id = command.session ?? (await newestUnfinished(context.home));
  await using session = await Session.open(context.home, id);
  if (session.state.outcome === "published") {
    throw new SessionError("session/finished", `Session ${id} is done: its model is published.`, {
      mend: "Start a new task, or look at it with `ml-intern sessions`.",
    });
  }
  const changes = await changesOf(options, context);
  if (Object.keys(changes).length > 0) await session.append({ type: "options_changed", options: changes });
  if (!options.json) await announce(session, { ...options, model: session.state.options.model }, context);
  return await workOnSession(session, options, context);
}

async function newestUnfinished(home: string): Promise<string> {
  for (const listing of await listSessions(home)) {
    if (listing.state !== null && listing.state.outcome !== "published") return listing.id;
  }
  throw new SessionError("session/not_found", "There is no unfinished session.", {
    mend: "`ml-intern sessions` lists all of them.",
  });
}

async function changesOf(options: WorkOptions, place: CommandContext): Promise<Record<string, unknown>> {
  const { model, budgetUsd, maxIterations, sandbox, hub } = options;
  const never = new AbortController().signal;
  return {
    ...(model === null ? {} : { model: (await resolveModel({ wanted: model, place, signal: never })).model }),
    ...(budgetUsd === null ? {} : { budget_usd: budgetUsd }),
    ...(maxIterations === null ? {} : { max_iterations: maxIterations }),
    ...(sandbox === null ? {} : { sandbox }),
    ...(hub === null ? {} : { hub }),
  };
}
