import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { toDiskFull } from "./disk-full-error.ts";

/** Who holds a lock. `started` tells a living holder from a later process that got the same id. */
interface Holder {
  readonly pid: number;
  readonly started: string | null;
  readonly token: string;
  /** When it was taken, ISO 8601. */
  readonly since: string;
}

/**
 * Takes the lock file at `path` and returns a function that gives it back, or the id of the process that
 * holds it and since when. The lock of a process that has died is taken over.
 */
export async function takeFileLock(
  path: string,
): Promise<{ readonly release: () => void } | { readonly heldBy: number; readonly since: string }> {
  const since = new Date().toISOString();
  const mine: Holder = { pid: process.pid, started: startOf(process.pid), token: randomUUID(), since };
  const draft = `${path}.${mine.token}`;
  try {
    await writeFile(draft, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
    for (;;) {
      try {
        // link is atomic and the file it names is already complete: nobody ever reads half a lock.
        await link(draft, path);
        return { release: () => releaseIfMine(path, mine) };
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      }
      const holder = await readHolder(path);
      if (holder !== null && isAlive(holder)) return { heldBy: holder.pid, since: holder.since };
      await moveAway(path, holder, `${draft}.stale`);
    }
  } catch (error) {
    throw toDiskFull(error, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves a dead holder's lock aside. If somebody took the lock in between, it is put back. */
async function moveAway(path: string, dead: Holder | null, aside: string): Promise<void> {
  try {
    await rename(path, aside);
    const moved = await readHolder(aside);
    if (moved !== null && moved.token !== dead?.token) await link(aside, path).catch(() => undefined);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  } finally {
    await rm(aside, { force: true, recursive: true });
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const holder = JSON.parse(await readFile(path, "utf8")) as Holder;
    // Nobody must be told to stop "process -1".
    return Number.isSafeInteger(holder.pid) && holder.pid > 0 ? holder : null;
  } catch {
    // Gone or unreadable: a lock is written whole, so neither is a living holder's.
    return null;
  }
}

function releaseIfMine(path: string, mine: Holder): void {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as Holder;
    if (holder.token === mine.token) rmSync(path, { force: true });
  } catch {
    // Already gone: there is nothing to give back.
  }
}

function isAlive(holder: Holder): boolean {
  const started = startOf(holder.pid);
  if (started !== null && holder.started !== null) return started === holder.started;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The start time of a process in clock ticks since boot, where /proc tells it. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return afterName[0] === "Z" ? "defunct" : (afterName[19] ?? null);
  } catch {
    return null;
  }
}
