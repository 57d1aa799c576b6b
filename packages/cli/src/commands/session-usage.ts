import { formatDollars } from "@ml-intern/gateway";
import { budgetReport, readSession, SessionError } from "@ml-intern/intern";
import type { SessionUsageCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** What one session of the intern used: tokens, machine time and storage, and what is left of its limits. JSON has the lines, exactly. */
export async function sessionUsage(
  { session: id, json }: SessionUsageCommand,
  { home, env, out }: CommandContext,
): Promise<number> {
  const session = await readSession(home, id);
  if (session === null)
    throw new SessionError("session/not_found", `There is no session ${id}.`, {
      mend: "`ml-intern sessions` lists those there are.",
    });
  const { lines } = session.state.budget;
  if (json) {
    for (const { kind, of, quantity, usd, saved, unpriced } of lines) {
      const money = { usd: formatDollars(usd), saved_usd: formatDollars(saved), unpriced };
      out(`${JSON.stringify({ kind, of, quantity: Number(quantity), ...money })}\n`);
    }
  } else out(`${(await budgetReport(session.state, { home, env })).join("\n")}\n`);
  return EXIT.published;
}
