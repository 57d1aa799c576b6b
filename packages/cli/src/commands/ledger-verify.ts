import { stat } from "node:fs/promises";
import { join } from "node:path";
import { listSessions, readSession, SessionError, sessionPaths } from "@ml-intern/intern";
import { verifyLedger } from "@ml-intern/lab";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

interface Subject {
  readonly name: string;
  readonly path: string;
  /** The head that the session's own log saw last: a ledger cut short or rewritten since does not hold it. */
  readonly head: string | null;
}

/** Proves the chain of one ledger, or of every session's. Exit code 1 when any does not hold. */
export async function ledgerVerify(
  { subject }: { subject: string | null },
  context: CommandContext,
): Promise<number> {
  const { out, style, home } = context;
  const subjects = subject === null ? await allSessions(home) : [await find(subject, home)];
  if (subjects.length === 0) out("No ledgers yet.\n");
  let sound = true;
  for (const { name, path, head } of subjects) {
    const result = await verifyLedger(path, head === null ? {} : { expectHead: head });
    if (result.ok) {
      out(
        `${style.verified("✔")} ${name}: ${result.rows} rows, chain and signatures hold, head ${result.head.slice(0, 16)}\n`,
      );
    } else {
      sound = false;
      out(`${style.failure("✗")} ${name}: line ${result.line}: ${result.reason}\n  ${path}\n`);
    }
  }
  if (!sound)
    context.error(
      "A ledger that does not hold proves nothing from that line on. Compare it with a published copy (ledger.jsonl in the release).\n",
    );
  return sound ? EXIT.published : EXIT.failed;
}

async function allSessions(home: string): Promise<Subject[]> {
  const subjects = (await listSessions(home)).map(async ({ id }) => subjectOf(home, id));
  return (await Promise.all(subjects)).filter((subject) => subject !== null);
}

async function find(subject: string, home: string): Promise<Subject> {
  const session = await subjectOf(home, subject);
  if (session !== null) return session;
  const file = await stat(subject).catch(() => null);
  if (file?.isFile() === true) return { name: subject, path: subject, head: null };
  throw new SessionError("session/not_found", `${subject} is neither a session with a ledger nor a file.`, {
    mend: "`ml-intern sessions` lists the sessions; a published ledger is the file ledger.jsonl of the release.",
  });
}

/** Null for a session that has no ledger yet. */
async function subjectOf(home: string, id: string): Promise<Subject | null> {
  const session = await readSession(home, id).catch(() => null); // a damaged log does not hide its ledger
  const path = join(sessionPaths(home, id).lab, "ledger.jsonl");
  const there = await stat(path).catch(() => null);
  return there === null ? null : { name: id, path, head: session?.state.ledgerHead ?? null };
}
