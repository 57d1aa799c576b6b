import { takeFileLock } from "@ml-intern/durable";
import { SessionError } from "./session-error.ts";

export interface SessionLock {
  readonly release: () => void;
}

/** Takes a session for this process; takes over what a dead process left. Throws `session/busy` when a living one has it. */
export async function takeSessionLock(path: string): Promise<SessionLock> {
  const taken = await takeFileLock(path);
  if ("release" in taken) return taken;
  throw new SessionError(
    "session/busy",
    `Another process (pid ${taken.heldBy}, since ${taken.since}) is working on this session.`,
    {
      mend: `Wait for it or stop it (kill ${taken.heldBy}); then try again. \`ml-intern sessions ID\` shows meanwhile how far it is.`,
    },
  );
}
