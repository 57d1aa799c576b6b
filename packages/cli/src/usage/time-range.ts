import { UsageError } from "../usage-error.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const UNITS: Readonly<Record<string, number>> = { d: DAY_MS, h: DAY_MS / 24 };

/** RFC 3339 in UTC with milliseconds; `since` belongs to the range, `until` does not. Null is no bound. */
export interface TimeRange {
  readonly since: string | null;
  readonly until: string | null;
}

export interface TimeRangeOptions {
  readonly since: string | null;
  readonly until: string | null;
  readonly now: number;
}

/**
 * The range between two times as people write them: `2026-11` and `2026-11-22` are a month and a day of UTC, and wholly in the
 * range; `7d` and `12h` are so long ago. Throws a {@link UsageError}.
 */
export function timeRange({ since, until, now }: TimeRangeOptions): TimeRange {
  const from = since === null ? null : spanOf(since, "--since", now).start;
  const to = until === null ? null : spanOf(until, "--until", now).end;
  if (from !== null && to !== null && from >= to) {
    throw new UsageError(
      `There is no time between --since ${since} and --until ${until}.`,
      "Write the earlier one at --since. A day or a month at --until belongs to the range.",
    );
  }
  return { since: instant(from), until: instant(to) };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function spanOf(text: string, option: string, now: number): Span {
  const span = monthOf(text) ?? dayOf(text) ?? agoOf(text, now) ?? instantOf(text);
  if (span && Math.abs(span.start) < 8e15 && span.start >= 0) return span;
  throw new UsageError(
    `${option} is not a time: "${text}".`,
    "Write 2026-11, 2026-11-22, 2026-11-22T10:00Z, or 7d and 12h for that long ago.",
  );
}

function monthOf(text: string): Span | null {
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(text) ?? [];
  const index = Number(month) - 1;
  if (year === undefined || index < 0 || index > 11) return null;
  return { start: Date.UTC(Number(year), index), end: Date.UTC(Number(year), index + 1) };
}

function dayOf(text: string): Span | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const start = Date.parse(`${text}T00:00:00Z`);
  // The 30th of February is read as a day of March.
  if (Number.isNaN(start) || !new Date(start).toISOString().startsWith(text)) return null;
  return { start, end: start + DAY_MS };
}

function agoOf(text: string, now: number): Span | null {
  const [, count, unit = ""] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  const length = UNITS[unit];
  if (count === undefined || length === undefined) return null;
  const start = now - Number(count) * length;
  return { start, end: start };
}

function instantOf(text: string): Span | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  if (dayOf(text.slice(0, "2026-11-22".length)) === null) return null;
  const start = Date.parse(text);
  return Number.isNaN(start) ? null : { start, end: start };
}

function instant(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
