import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { HubError } from "../hub-error.ts";
import { failedWith, writeExclusively } from "./durable-file.ts";

/** A JSON value and the number of the version that holds it. */
export interface Versioned {
  readonly version: number;
  readonly value: unknown;
}

const namePattern = /^(\d{12})\.json$/;
const versionsKept = 16;

function fileName(version: number): string {
  return `${String(version).padStart(12, "0")}.json`;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function encode(value: unknown): Uint8Array {
  const text = JSON.stringify(value, null, 1);
  return Buffer.from(`${checksum(text)}\n${text}\n`);
}

function decode(bytes: Buffer, path: string): unknown {
  const content = bytes.toString("utf8");
  const end = content.indexOf("\n");
  const text = content.slice(end + 1, -1);
  if (end !== 64 || checksum(text) !== content.slice(0, end)) {
    throw new HubError("hub/damaged", `${path} is damaged: its checksum does not match`, {
      mend: "restore this file from a backup, or delete it to go back to the version before",
    });
  }
  return JSON.parse(text);
}

async function versions(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
  const numbers = names.flatMap((name) => {
    const match = namePattern.exec(name);
    return match?.[1] ? [Number(match[1])] : [];
  });
  return numbers.sort((a, b) => b - a);
}

/**
 * The newest version in the folder, or null when there is none. A damaged newest version is reported as HubError
 * `hub/damaged`: falling back to an older one would silently take back what was acknowledged.
 */
export async function readNewest(folder: string): Promise<Versioned | null> {
  for (;;) {
    const [newest] = await versions(folder);
    if (newest === undefined) return null;
    const path = join(folder, fileName(newest));
    try {
      return { version: newest, value: decode(await readFile(path), path) };
    } catch (error) {
      // Since the listing so many versions were written that this one is cleared away: look again.
      if (!failedWith(error, "ENOENT")) throw error;
    }
  }
}

/**
 * Writes version `version` unless it exists: answers false when somebody else, in this process or another, was first.
 * This is the whole concurrency control of the hub; a process killed at any moment leaves no lock behind.
 */
export async function writeVersion(
  folder: string,
  { version, value, temporary }: Versioned & { temporary: string },
): Promise<boolean> {
  const target = join(folder, fileName(version));
  if (!(await writeExclusively({ target, content: encode(value), temporary }))) return false;
  if (version > versionsKept) await rm(join(folder, fileName(version - versionsKept)), { force: true });
  return true;
}
