import { open, readFile, unlink } from "node:fs/promises";
import { SessionError } from "./session-error.ts";

export interface SessionLock extends AsyncDisposable {
  release(): Promise<void>;
}

/**
 * Takes the lock file for this process. A lock whose process is gone (a crash, a kill -9) is taken over.
 * Throws `session/busy` when a living process holds it.
 */
export async function takeSessionLock(path: string): Promise<SessionLock> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(await identityOf(process.pid));
      await file.close();
      const release = async (): Promise<void> => {
        await unlink(path).catch(() => undefined); // already gone: released twice, or the session was deleted
      };
      return { release, [Symbol.asyncDispose]: release };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await readFile(path, "utf8").catch(() => "");
    const pid = Number.parseInt(holder, 10);
    if (Number.isInteger(pid) && holder === (await identityOf(pid))) {
      throw new SessionError("session/busy", `Another process (pid ${pid}) is working on this session.`, {
        mend: `Wait for it or stop it (kill ${pid}); then try again.`,
      });
    }
    await unlink(path).catch(() => undefined); // another process may have cleared the same stale lock
  }
  throw new SessionError("session/busy", "Several processes are trying to take this session at once.", {
    mend: "Try again in a moment.",
  });
}

/** Pid and kernel start time: a recycled pid has another start time. Empty when no such process lives. */
async function identityOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return isAlive(pid) ? `${pid} unknown` : "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
