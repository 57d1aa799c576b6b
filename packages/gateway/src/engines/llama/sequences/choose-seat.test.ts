import { expect, test } from "vitest";
import { chooseSeat, type SeatState } from "./choose-seat.ts";

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
const seat = (tokens: readonly number[], usedAt: number, isFree = true): SeatState => ({
  tokens,
  usedAt,
  isFree,
});

test("a conversation goes on where it was", () => {
  const main = seat(range(0, 1000), 1);
  expect(chooseSeat([seat([], 0), main, seat(range(0, 10), 2)], range(0, 1100))).toBe(main);
});

test("a side conversation does not wipe out a long one of which it shares the beginning", () => {
  const main = seat(range(0, 14_000), 2);
  const empty = seat([], 0);
  const side = [...range(0, 2000), 99_999];
  expect(chooseSeat([main, empty], side)).toBe(empty);
  const other = seat(range(50_000, 50_200), 1);
  expect(chooseSeat([main, other], side)).toBe(other);
});

test("among equals the one unused for longest, and never one that is taken", () => {
  const older = seat([], 1);
  expect(chooseSeat([seat([], 5), older, seat([], 0, false)], [1])).toBe(older);
  expect(chooseSeat([seat([], 0, false)], [1])).toBeNull();
});
