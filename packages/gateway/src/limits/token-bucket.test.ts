import { expect, it } from "vitest";
import { randomNumbers } from "./testing/random-numbers.ts";
import { TokenBucket } from "./token-bucket.ts";

it("gives what it holds at once, and then fills up evenly", () => {
  const bucket = new TokenBucket(60, 0);
  bucket.reserve(60, 0);
  expect(bucket.waitFor(1, 0)).toBe(1000);
  expect(bucket.waitFor(30, 10_000)).toBe(20_000);
  expect(bucket.fullAt(10_000)).toBe(60_000);
  expect(bucket.level(30_000)).toBeCloseTo(30);
  expect(bucket.level(90_000)).toBe(60);
});

it("never gives what is more than it holds", () => {
  expect(new TokenBucket(60, 0).waitFor(61, 0)).toBe(Number.POSITIVE_INFINITY);
});

it("has it all back when nothing was used", () => {
  const bucket = new TokenBucket(100, 0);
  const reservations = [10, 20, 30].map((amount) => bucket.reserve(amount, 0));
  expect(bucket.level(0)).toBe(40);
  for (const reservation of reservations) bucket.settle(reservation, 0, 0);
  expect(bucket.level(0)).toBeCloseTo(100);
});

it("owes what was used beyond the reservation", () => {
  const bucket = new TokenBucket(60, 0);
  bucket.settle(bucket.reserve(10, 0), 100, 0);
  expect(bucket.level(0)).toBe(-40);
  expect(bucket.waitFor(1, 0)).toBe(41_000);
});

it("does not lose what many answers at once give back", () => {
  const bucket = new TokenBucket(8000, 0);
  const reservations = Array.from({ length: 10 }, () => bucket.reserve(500, 0));
  for (const reservation of reservations) bucket.settle(reservation, 10, 20_000);
  expect(bucket.level(20_000)).toBeGreaterThan(7890);
});

it("does not let long requests save up room for a burst", () => {
  const bucket = new TokenBucket(60, 0);
  const long = Array.from({ length: 10 }, (_, minute) => bucket.reserve(60, minute * 60_000));
  let admitted = 0;
  for (const reservation of long) {
    bucket.settle(reservation, 0, 600_000);
    while (bucket.waitFor(1, 600_000) === 0) {
      bucket.reserve(1, 600_000);
      admitted++;
    }
  }
  expect(admitted).toBe(60);
});

it("is not emptied by a clock that is set back", () => {
  const bucket = new TokenBucket(60, 100_000);
  bucket.reserve(30, 100_000);
  expect(bucket.level(40_000)).toBe(30);
});

it("admits in every window at most what it held and what flowed in, whatever is reserved, used and put back", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomNumbers(seed);
    const capacity = 1 + Math.floor(random() * 100);
    const bucket = new TokenBucket(capacity, 0);
    /** What was kept, by the time when it was let in. */
    const kept: { readonly at: number; amount: number }[] = [];
    const open: (() => void)[] = [];
    let now = 0;
    for (let step = 0; step < 120; step++) {
      now += Math.floor(random() * random() * 40_000);
      const amount = Math.ceil(random() * capacity);
      if (random() < 0.6 && bucket.waitFor(amount, now) === 0) {
        const reservation = bucket.reserve(amount, now);
        const entry = { at: now, amount };
        kept.push(entry);
        open.push(() => {
          entry.amount = random() < 0.5 ? 0 : Math.floor(random() * amount);
          bucket.settle(reservation, entry.amount, now);
        });
      } else if (open.length > 0) {
        open.splice(Math.floor(random() * open.length), 1)[0]?.();
      }
    }
    for (const settle of open) settle();
    let excess = 0;
    for (const [first, { at: from }] of kept.entries()) {
      let sum = 0;
      for (const { at, amount } of kept.slice(first)) {
        sum += amount;
        excess = Math.max(excess, sum - capacity * (1 + (at - from) / 60_000));
      }
    }
    expect(excess, `seed ${seed}`).toBeLessThan(1e-6);
    expect(bucket.level(now + 60_000)).toBeCloseTo(capacity);
  }
});
