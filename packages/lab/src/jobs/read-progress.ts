import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { RunPlace } from "../runs/read-runs.ts";
import { openBeneath } from "../sandbox/open-beneath.ts";
import { type Piece, readPiece } from "./read-piece.ts";

/** What a script says while it works: lines of OUTPUT_DIR/metrics.jsonl and alerts.jsonl. Claims, as all that it says. */
export interface Progress {
  /** The newest value of each number. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly alerts: readonly Alert[];
}

export interface Alert {
  readonly level: string;
  readonly text: string;
}

export interface WorkspacePlace extends RunPlace {
  /** The workspace as the host sees it. */
  readonly workspace: string;
}

const mostBytes = 1024 ** 2;
const mostAlerts = 100;
const mostNumbers = 50;
const longestText = 500;

/** A piece of a run's log; an empty one where nothing was written yet. `from` null gives the end. */
export async function readLog(place: RunPlace, from: number | null, most: number): Promise<Piece> {
  const file = await open(join(place.labDirectory, "runs", place.id, "log.txt"), "r").catch(() => null);
  if (file === null) return { text: "", from: 0, to: 0, bytes: 0 };
  await using log = file;
  return await readPiece(log, from, most);
}

/** Reads in the sandbox's folder, following no link; lines that are no JSON object of the expected kind are passed over. */
export async function readProgress(place: WorkspacePlace): Promise<Progress> {
  const points = await readObjects(place, "metrics.jsonl", null);
  // From the beginning: a script that writes without end must not change which alerts were told already.
  const alerts = await readObjects(place, "alerts.jsonl", 0);
  const numbers = new Map<string, number>();
  for (const [name, value] of points.flatMap((point) => Object.entries(point))) {
    const fits = typeof value === "number" && Number.isFinite(value) && name.length <= 100;
    if (fits && (numbers.has(name) || numbers.size < mostNumbers)) numbers.set(name, value);
  }
  return {
    metrics: Object.fromEntries(numbers),
    alerts: alerts.slice(0, mostAlerts).map(({ level, text }) => ({
      level: String(level ?? "warn").slice(0, 20),
      text: String(text ?? "").slice(0, longestText),
    })),
  };
}

async function readObjects(
  { workspace, id }: WorkspacePlace,
  name: string,
  from: number | null,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const path = `runs/${id}/${name}`;
  const file = await openBeneath({ root: workspace, path, flags: constants.O_RDONLY }).catch(() => null);
  if (file === null) return [];
  await using opened = file;
  if (!(await opened.stat()).isFile()) return [];
  const { text } = await readPiece(opened, from, mostBytes);
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap(parseObject);
}

/** Python writes what JSON does not know; such a number must not take the others with it. */
function parseObject(line: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const value: unknown = JSON.parse(line.replaceAll(/(?<=[:[,]\s*)-?(?:NaN|Infinity)/g, "null"));
    return typeof value === "object" && value !== null ? [value as Readonly<Record<string, unknown>>] : [];
  } catch {
    return [];
  }
}
