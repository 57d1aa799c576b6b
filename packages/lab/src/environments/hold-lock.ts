import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { takeFileLock } from "@ml-intern/durable";

/**
 * Holds a lock file for as long as the returned value lives; waits while a living process holds it, and takes over what
 * a dead one left. Two processes of one machine; not for network file systems.
 */
export async function holdLock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    const taken = await takeFileLock(path);
    if ("release" in taken) return { [Symbol.asyncDispose]: async () => taken.release() };
    await delay(200, undefined, { signal });
  }
}
