import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ownerMark, readOwner } from "../sandbox/process-identity.ts";

/**
 * Holds a lock file for as long as the returned value lives; waits while a living process holds it, and takes over what
 * a dead one left. Two processes of one machine; not for network file systems.
 */
export async function holdLock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    try {
      await using file = await open(path, "wx");
      await file.writeFile(await ownerMark());
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const mark = await readFile(path, "utf8").catch(() => "");
    if (mark !== "" && (await readOwner(mark)) === "dead") await rm(path, { force: true });
    else await delay(200, undefined, { signal });
  }
}
