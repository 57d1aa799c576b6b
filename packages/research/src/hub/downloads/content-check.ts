import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { HubFile } from "../repositories/list-hub-files.ts";

/** Sums up a file's bytes as the hub did: SHA-256 for large files, git's SHA-1 (over its header, too) for others. */
export function startCheck({ checksum, size }: Pick<HubFile, "checksum" | "size">): Hash {
  if (checksum.kind === "sha256") return createHash("sha256");
  return createHash("sha1").update(`blob ${size}\0`);
}

/** The sum of what `path` holds now. */
export async function sumOf(
  path: string,
  file: Pick<HubFile, "checksum" | "size">,
  signal: AbortSignal,
): Promise<Hash> {
  const sum = startCheck(file);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, signal })) sum.update(piece);
  return sum;
}
