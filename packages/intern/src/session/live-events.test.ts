import { expect, test } from "vitest";
import { liveEvents } from "./live-events.ts";
import type { DurableEvent, LoggedEvent } from "./session-event.ts";

const notice: DurableEvent = { type: "notice", level: "info", text: "" };
const back = (to_seq: number, answer: number | null = null): DurableEvent => ({
  type: "rewound",
  to_seq,
  answer,
  snapshot: null,
  text: "",
});

function live(...events: DurableEvent[]): number[] {
  const logged = events.map((event, index): LoggedEvent => ({ seq: index + 1, time: "", ...event }));
  return liveEvents(logged).map(({ seq }) => seq);
}

test("without an undo every event counts", () => {
  expect(live(notice, notice)).toEqual([1, 2]);
  expect(live()).toEqual([]);
});

test("what was undone does not count, also when there are several undos", () => {
  expect(live(notice, notice, notice, back(1), notice)).toEqual([1, 4, 5]);
  expect(live(notice, notice, back(1), notice, back(3), notice)).toEqual([1, 3, 5, 6]);
  expect(live(notice, notice, back(1), notice, back(1))).toEqual([1, 5]);
});

test("to go back to an undone event brings back what counted then", () => {
  expect(live(notice, notice, notice, back(1), notice, back(3))).toEqual([1, 2, 3, 6]);
});

test("the answer of a call counts in its place, although it came later", () => {
  expect(live(notice, notice, notice, notice, back(2, 4), notice)).toEqual([1, 2, 4, 5, 6]);
});

test("an undo that leads nowhere does no harm", () => {
  expect(live(notice, back(9, 7), notice)).toEqual([1, 2, 3]);
});
