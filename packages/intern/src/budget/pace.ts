import type { Picodollars } from "@ml-intern/gateway";

/**
 * When money was spent lately, on a clock of its own that only goes forward: it adds up how much time passed between entries, and
 * none where the machine's clock was set back.
 */
export interface Pace {
  /** Milliseconds since the first entry. */
  readonly clock: number;
  /** The machine's clock at the newest entry; null before the first. */
  readonly seen: number | null;
  /** Of the last half hour, oldest first. Beginnings stand here as well, with nothing spent. */
  readonly points: readonly { readonly at: number; readonly usd: Picodollars }[];
}

export const NO_PACE: Pace = { clock: 0, seen: null, points: [] };

const WINDOW_MS = 30 * 60_000;
/** More of them say nothing more. */
const MOST_POINTS = 512;
/** A pace of fewer seconds than this is chance. */
const SHORTEST_MS = 30_000;
const HOUR_MS = 3_600_000;

export function paceAfter(pace: Pace, usd: Picodollars, time: number): Pace {
  const clock = clockAt(pace, time);
  const points = [...pace.points, { at: clock, usd }].slice(-MOST_POINTS);
  return {
    clock,
    seen: Number.isFinite(time) ? time : pace.seen,
    points: points.filter(({ at }) => at >= clock - WINDOW_MS),
  };
}

export interface BurnRate {
  readonly usdPerHour: Picodollars;
  /** How long `left` lasts at this pace; null where nothing is spent or nothing limits it. */
  readonly msLeft: number | null;
}

/**
 * What was spent in the last half hour, as a pace; null while it is too early to say. A pause that is longer than that, such as a
 * night between two turns, is not part of it.
 */
export function burnRate(
  pace: Pace,
  { left, now }: { left: Picodollars | null; now: number },
): BurnRate | null {
  const clock = clockAt(pace, now);
  const [begin, ...later] = pace.points.filter(({ at }) => at >= clock - WINDOW_MS);
  if (begin === undefined) return null;
  const span = Math.round(clock - begin.at);
  if (span < SHORTEST_MS || later.length === 0) return null;
  // What the first point spent was spent before it.
  const spent = later.reduce((sum, { usd }) => sum + usd, 0n);
  const usdPerHour = (spent * BigInt(HOUR_MS)) / BigInt(span);
  if (left === null || spent <= 0n) return { usdPerHour, msLeft: null };
  const msLeft = left <= 0n ? 0 : Number((left * BigInt(span)) / spent);
  return { usdPerHour, msLeft };
}

/** Null where there is nothing to say. */
export function describePace(rate: BurnRate | null): string | null {
  if (rate === null || rate.msLeft === null) return null;
  const minutes = Math.round(rate.msLeft / 60_000);
  if (minutes < 1) return "At this pace the cap is hit in less than a minute.";
  const time = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `At this pace the cap is hit in ${time}.`;
}

function clockAt({ clock, seen }: Pace, time: number): number {
  return seen === null || !Number.isFinite(time) ? clock : clock + Math.max(0, time - seen);
}
