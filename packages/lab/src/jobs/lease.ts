import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownerMark, readOwner } from "../sandbox/process-identity.ts";

/** Who serves the jobs of a home, and when it last gave a sign. */
export interface Lease {
  readonly pid: number;
  /** Process namespace, pid and start time: a later process with the same pid has another mark. */
  readonly owner: string;
  readonly beatMs: number;
}

/** How old a beat may be before a daemon of which nothing else is known counts as gone. */
const freshMs = 30_000;

function leasePath(home: string): string {
  return join(home, "jobs", "lease.json");
}

/** Rejects when the home is gone. */
export async function renewLease(home: string): Promise<void> {
  const lease: Lease = { pid: process.pid, owner: await ownerMark(), beatMs: Date.now() };
  await writeFile(`${leasePath(home)}.new`, JSON.stringify(lease), { mode: 0o600 });
  await rename(`${leasePath(home)}.new`, leasePath(home));
}

export async function endLease(home: string): Promise<void> {
  await rm(leasePath(home), { force: true });
}

/** The lease of a daemon that lives, else null. One in another container is believed while its beat is fresh. */
export async function readLease(home: string): Promise<Lease | null> {
  const text = await readFile(leasePath(home), "utf8").catch(() => null);
  if (text === null) return null;
  const lease = JSON.parse(text) as Lease;
  const owner = await readOwner(lease.owner);
  const lives = owner === "foreign" ? Date.now() - lease.beatMs < freshMs : owner === "alive";
  return lives ? lease : null;
}
