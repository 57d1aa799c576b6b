import { readdirSync, readFileSync, statSync } from "node:fs";

/** Threads that this user has on the machine now. Without a user namespace of its own, RLIMIT_NPROC counts them all. */
export function countOwnThreads(): number {
  const uid = process.getuid?.();
  let threads = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (statSync(`/proc/${name}`).uid !== uid) continue;
      threads += Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1] ?? 1);
    } catch {
      // It ended while we looked.
    }
  }
  return threads;
}
