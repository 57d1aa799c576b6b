import { seededRandom } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { burnRate, describePace, NO_PACE, paceAfter } from "./pace.ts";

const DOLLAR = 1_000_000_000_000n;
const MINUTE = 60_000;

/** A dollar a minute, for so many minutes. */
function aDollarAMinute(minutes: number, begin = 0): typeof NO_PACE {
  let pace = paceAfter(NO_PACE, 0n, begin);
  for (let minute = 1; minute <= minutes; minute++) pace = paceAfter(pace, DOLLAR, begin + minute * MINUTE);
  return pace;
}

test("says when the cap is hit at the pace of the last half hour", () => {
  const rate = burnRate(aDollarAMinute(10), { left: 23n * DOLLAR, now: 10 * MINUTE });
  expect(rate).toEqual({ usdPerHour: 60n * DOLLAR, msLeft: 23 * MINUTE });
  expect(describePace(rate)).toBe("At this pace the cap is hit in 23 min.");
  expect(describePace({ usdPerHour: 1n, msLeft: 10_000 })).toBe(
    "At this pace the cap is hit in less than a minute.",
  );
  expect(describePace({ usdPerHour: 1n, msLeft: 150 * MINUTE })).toBe("At this pace the cap is hit in 3 h.");
  const hours = burnRate(aDollarAMinute(300), { left: 60n * DOLLAR, now: 300 * MINUTE });
  expect(hours?.msLeft).toBe(60 * MINUTE);
});

test("says nothing while it is too early, without a cap, or when nothing is spent", () => {
  expect(burnRate(NO_PACE, { left: DOLLAR, now: 0 })).toBeNull();
  expect(burnRate(paceAfter(NO_PACE, DOLLAR, 0), { left: DOLLAR, now: 5 * MINUTE })).toBeNull();
  expect(burnRate(paceAfter(paceAfter(NO_PACE, 0n, 0), DOLLAR, 1), { left: DOLLAR, now: 2 })).toBeNull();
  expect(describePace(burnRate(aDollarAMinute(5), { left: null, now: 5 * MINUTE }))).toBeNull();
  const free = paceAfter(paceAfter(NO_PACE, 0n, 0), 0n, MINUTE);
  expect(burnRate(free, { left: DOLLAR, now: MINUTE })).toEqual({ usdPerHour: 0n, msLeft: null });
  expect(burnRate(aDollarAMinute(5), { left: -1n, now: 5 * MINUTE })?.msLeft).toBe(0);
});

test("a night between two turns is no part of the pace", () => {
  let pace = aDollarAMinute(10);
  const morning = 600 * MINUTE;
  expect(burnRate(pace, { left: DOLLAR, now: morning })).toBeNull();
  pace = paceAfter(paceAfter(pace, 0n, morning), DOLLAR, morning + MINUTE);
  expect(burnRate(pace, { left: DOLLAR, now: morning + MINUTE })?.usdPerHour).toBe(60n * DOLLAR);
});

test("a clock that is set back or forth does no harm", () => {
  const random = seededRandom(9);
  for (let round = 0; round < 500; round++) {
    let pace = NO_PACE;
    let clock = 0;
    for (let step = 0; step < 30; step++) {
      pace = paceAfter(pace, BigInt(random.below(1_000)) * DOLLAR, random.below(1e7) - 5e6);
      expect(pace.clock).toBeGreaterThanOrEqual(clock);
      clock = pace.clock;
      const rate = burnRate(pace, { left: DOLLAR, now: random.below(1e7) - 5e6 });
      if (rate !== null) expect(rate.usdPerHour >= 0n && (rate.msLeft ?? 0) >= 0).toBe(true);
    }
  }
  // An hour back, and on at the same pace.
  let pace = aDollarAMinute(5, 60 * MINUTE);
  for (let minute = 0; minute < 5; minute++) pace = paceAfter(pace, DOLLAR, minute * MINUTE);
  const rate = burnRate(pace, { left: DOLLAR, now: 4 * MINUTE });
  expect(Number(rate?.usdPerHour) / Number(60n * DOLLAR)).toBeCloseTo(10 / 9, 2);
  // A time that cannot be read.
  const unread = paceAfter(paceAfter(pace, 0n, Number.NaN), 0n, 5 * MINUTE);
  expect(unread.clock).toBe(pace.clock + MINUTE);
});
