import { takeFileLock } from "@ml-intern/durable";
import { noAccess } from "./no-access.ts";
import { SessionError } from "./session-error.ts";

export interface SessionLock {
  readonly release: () => void;
}

/** Takes a session for this process; takes over what a dead process left. Throws `session/busy` when a living one has it. */
export async function takeSessionLock(path: string): Promise<SessionLock> {
  const taken = await takeFileLock(path).catch((error: unknown) => {
    throw noAccess(path, error);
  });
  if ("release" in taken) return taken;
  throw new SessionError(
    "session/busy",
    `Another process (pid ${taken.heldBy}, since ${taken.since}) is working on this session.`,
    {
      mend: `Wait for it or stop it (kill ${taken.heldBy}); then try again. \`ml-intern sessions ID\` shows meanwhile how far it is.`,
    },
  );
}
