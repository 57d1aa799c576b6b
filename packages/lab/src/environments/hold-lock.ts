import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ownerMark, readOwner } from "../sandbox/process-identity.ts";

/**
 * Holds a lock file for as long as the returned value lives; waits while a living process holds it, and takes over what
 * a dead one left. Two processes of one machine; not for network file systems.
 */
export async function holdLock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  // Linked into place with its content, so that nobody ever reads a lock without an owner.
  const mine = `${path}.${process.pid}-${randomUUID()}`;
  await writeFile(mine, await ownerMark());
  try {
    for (;;) {
      signal.throwIfAborted();
      const free = await link(mine, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== "EEXIST") throw error;
          return false;
        },
      );
      if (free) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
      const mark = await readFile(path, "utf8").catch(() => null);
      if (mark !== null && (await readOwner(mark)) === "dead") await rm(path, { force: true });
      else await delay(200, undefined, { signal });
    }
  } finally {
    await rm(mine, { force: true });
  }
}
