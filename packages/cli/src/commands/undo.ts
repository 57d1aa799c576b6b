import { findStep, rewind, Session } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** Takes a session that is at rest back to before a step. Killed or quit halfway, the next resume brings it to its end. */
export async function undo(
  { session: id, to }: { readonly session: string; readonly to: string | null },
  { home, out, style }: CommandContext,
): Promise<number> {
  await using session = await Session.open(home, id);
  const step = findStep(await session.past(), to);
  await rewind({ session, step, home, signal: new AbortController().signal });
  const hasWorkspace = session.state.workspace.saved !== null;
  out(`${style.verified("✔")} ${id} stands before step ${step.name}: ${step.title}\n`);
  if (!hasWorkspace) out(style.warning("! No state of the workspace was kept by then: it stays as it is.\n"));
  out("What was spent stays spent, and the ledger keeps its contract, scores and releases.\n");
  out(
    style.dim(
      `To go on: ml-intern resume ${id}\nUndone steps can be gone back to: ml-intern sessions ${id}\n`,
    ),
  );
  return EXIT.published;
}
