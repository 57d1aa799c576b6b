import { expect, test } from "vitest";
import { atMost } from "./at-most.ts";

const { signal } = new AbortController();

test("who waits has the place of whoever ends, however that ended; who is stopped while waiting takes none", async () => {
  const withPlace = atMost(1);
  const done: string[] = [];
  const stop = new AbortController();
  let fail = (_: Error): void => undefined;
  const first = withPlace(() => new Promise<void>((_, reject) => (fail = reject)), signal);
  const stopped = withPlace(async () => done.push("stopped"), stop.signal);
  const next = withPlace(async () => done.push("next"), signal);
  const last = withPlace(async () => done.push("last"), signal);
  stop.abort(new Error("stopped by the person"));
  await expect(stopped).rejects.toThrow("stopped by the person");
  expect(done).toEqual([]);
  fail(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  await Promise.all([next, last]);
  expect(done).toEqual(["next", "last"]);
  await expect(withPlace(async () => done.push("late"), stop.signal)).rejects.toThrow(
    "stopped by the person",
  );
});
