import { listSteps, readSession, SessionError } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** The steps of a session that one can go back to or fork from, oldest first; those that were undone are marked. */
export async function steps(
  { session: id, json }: { readonly session: string; readonly json: boolean },
  { home, out, style }: CommandContext,
): Promise<number> {
  const session = await readSession(home, id);
  if (session === null)
    throw new SessionError("session/not_found", `There is no session ${id}.`, {
      mend: "`ml-intern sessions` lists those there are.",
    });
  const found = listSteps(session.events);
  if (found.length === 0 && !json) out("No steps yet.\n");
  for (const { name, time, title, undone } of found) {
    if (json) out(`${JSON.stringify({ step: name, time, title, undone })}\n`);
    else {
      const indent = name.includes(".") ? "  " : "";
      const line = `${indent}${name.padEnd(8 - indent.length)}${title}`;
      out(undone ? style.dim(`${line}  (undone)\n`) : `${line}\n`);
    }
  }
  return EXIT.published;
}
