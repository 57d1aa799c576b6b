import { traceLines } from "../export-trace.ts";
import type { Redactor } from "../redaction/redactor.ts";
import { LOG_START, type LogPosition, readTraceLog } from "../trace-log.ts";
import type { ShareProgress } from "./share-state.ts";

/** A file that covers the events from `first` to `last`, as its name says. */
export interface TracePart {
  readonly path: string;
  readonly content: Blob;
  readonly lines: number;
}

/** Below the size from which hubs keep files outside of git. */
const LARGEST = 8 << 20;

/** The folder of a session within the repository. */
export function traceFolder({ session, created }: { session: string; created: string }): string {
  return `sessions/${created.slice(0, "2026-11-22".length)}/${session}`;
}

/** Up to which event the files of a folder cover the log without a gap. */
export function coveredBy(paths: readonly string[]): number {
  const ranges = paths
    .map((path) => /\/(\d+)-(\d+)\.jsonl$/.exec(path))
    .filter((match) => match !== null)
    .map(([, first, last]) => ({ first: Number(first), last: Number(last) }))
    .sort((a, b) => a.first - b.first);
  let covered = 0;
  for (const { first, last } of ranges) if (first <= covered + 1) covered = Math.max(covered, last);
  return covered;
}

/**
 * The new part of a trace as files, and how far they reach; no files when nothing new is to be said. `from` is where
 * the last upload ended.
 */
export async function newParts(
  place: { readonly home: string; readonly session: string; readonly folder: string },
  { from, parent, redactor }: { from: LogPosition; parent: string | null; redactor: Redactor },
): Promise<{ readonly parts: readonly TracePart[]; readonly progress: ShareProgress | null }> {
  const parts: TracePart[] = [];
  let progress: ShareProgress | null = null;
  let texts: string[] = [];
  let size = 0;
  let first = from.seq + 1;
  let last = parent;
  let at = from;

  const close = (): void => {
    if (texts.length === 0) return;
    const path = `${place.folder}/${padded(first)}-${padded(at.seq)}.jsonl`;
    parts.push({ path, content: new Blob(texts), lines: texts.length });
    progress = { ...at, parent: last, path };
    first = at.seq + 1;
    texts = [];
    size = 0;
  };
  for await (const { event, after } of readTraceLog(place, from)) {
    at = after;
    for await (const line of traceLines(event, { ...place, format: "claude-code", parent: last, redactor })) {
      texts.push(line.text);
      size += line.text.length;
      last = line.uuid ?? last;
    }
    if (size >= LARGEST) close();
  }
  close();
  return { parts, progress };
}

/** The place in the log after an event, and what the line after it hangs on: what a lost state knew. */
export async function replayTo(
  place: { readonly home: string; readonly session: string },
  seq: number,
): Promise<{ readonly from: LogPosition; readonly parent: string | null }> {
  let parent: string | null = null;
  if (seq === 0) return { from: LOG_START, parent };
  let from = LOG_START;
  for await (const { event, after } of readTraceLog(place)) {
    const lines = traceLines(event, { ...place, format: "claude-code", parent, redactor: null });
    for await (const line of lines) parent = line.uuid ?? parent;
    from = after;
    if (after.seq === seq) break;
  }
  return { from, parent };
}

function padded(seq: number): string {
  return String(seq).padStart(6, "0");
}
