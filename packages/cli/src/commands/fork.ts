import { findStep, forkSession, Session, sessionPaths } from "@ml-intern/intern";
import { readContract } from "@ml-intern/lab";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** Makes a session that goes on from a step of another one, which must be at rest and stays as it is. */
export async function fork(
  { session: id, from }: { readonly session: string; readonly from: string | null },
  { home, out, style }: CommandContext,
): Promise<number> {
  await using session = await Session.open(home, id);
  const step = from === null ? null : findStep(await session.past(), from);
  const made = await forkSession({ session, step, home, signal: new AbortController().signal });
  const where = step === null ? "where it stands" : `before step ${step.name}`;
  out(`${style.verified("✔")} ${made} goes on from ${id}, ${where}\n`);
  const { directory } = sessionPaths(home, made);
  if ((await readContract(directory)) !== null)
    out(
      `Both share the contract and its queries: what one spends on the sealed rows is spent for the other.\n`,
    );
  out(style.dim(`${directory}\nTo go on: ml-intern resume ${made}\n`));
  return EXIT.published;
}
