import { type CacheEntry, renewed } from "./cache-entry.ts";

/** Lines of another format are skipped, so that older and newer files are empty caches. */
const FORMAT = 2;
const KEY = /^[\w-]{43}$/;

/** What one line of the file says: an entry, or that one is gone. */
export type EntryLine =
  | { readonly kind: "entry"; readonly entry: CacheEntry }
  | { readonly kind: "gone"; readonly key: string };

export function entryLine({ key, workspace, model, tokens, ttl, startedAt }: CacheEntry): string {
  return JSON.stringify({ format: FORMAT, key, workspace, model, tokens, ttl, started_at: startedAt });
}

export function goneLine(key: string): string {
  return JSON.stringify({ format: FORMAT, key, gone: true });
}

/** Reads a line strictly; null when it is damaged or of another format. */
export function readEntryLine(line: string): EntryLine | null {
  const value = parsed(line);
  if (value?.format !== FORMAT || typeof value.key !== "string" || !KEY.test(value.key)) return null;
  const { key, gone, workspace, model, tokens, ttl, started_at: startedAt } = value;
  if (gone === true) return { kind: "gone", key };
  if (typeof workspace !== "string" || typeof model !== "string") return null;
  if (!isCount(tokens) || !isTime(startedAt)) return null;
  if (ttl !== "5m" && ttl !== "1h") return null;
  return { kind: "entry", entry: renewed({ key, workspace, model, tokens, ttl }, startedAt) };
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // A damaged line is an entry that was never written.
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
