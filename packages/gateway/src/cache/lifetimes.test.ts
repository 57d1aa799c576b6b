import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { assistant, marked, text, user } from "../validation/testing/request-parts.ts";
import { splitOf, testCache } from "./testing/test-cache.ts";

const prompt = (ttl?: string): object => ({ messages: [user([text("0123456789", marked(ttl))])] });
const READ = [10, 0, 0, 0];
const WRITTEN = [0, 10, 0, 0];
const WRITTEN_FOR_AN_HOUR = [0, 0, 10, 0];

describe("an entry", () => {
  it.each<[string | undefined, number, number]>([
    [undefined, 299.999, 300],
    ["5m", 299.999, 300],
    ["1h", 3599.999, 3600],
  ])("with ttl %s is there after %f s and gone after %f s", async (ttl, last, end) => {
    verifies("caching.ttl");
    const first = testCache();
    await first.ask(prompt(ttl), { at: 0 });
    expect(await first.ask(prompt(ttl), { at: last })).toEqual(READ);
    const second = testCache();
    await second.ask(prompt(ttl), { at: 0 });
    expect(await second.ask(prompt(ttl), { at: end })).not.toEqual(READ);
  });

  it("is timed from the start of its request, however long the answer takes", async () => {
    verifies("caching.ttl-from-request-start");
    for (const [next, expected] of [
      [299, READ],
      [301, WRITTEN],
    ] as const) {
      const { plan, ask } = testCache();
      const slow = await plan(prompt(), { at: 0 });
      await plan({ messages: [user("the clock goes on")] }, { at: 240 });
      slow.begun();
      expect(await ask(prompt(), { at: next })).toEqual(expected);
    }
  });

  it("is found by a request that began while it lived, though it had to wait", async () => {
    verifies("caching.ttl-from-request-start");
    const { ask } = testCache();
    await ask(prompt(), { at: 0 });
    expect(await ask(prompt(), { at: 500, startedAt: 299_000 })).toEqual(READ);
    expect(await ask(prompt(), { at: 500, startedAt: 300_000 })).toEqual(READ);
    expect(await ask(prompt(), { at: 600 })).toEqual(WRITTEN);
  });

  it("lives on when it is read, marked or not", async () => {
    verifies("caching.reads-refresh");
    const { ask } = testCache();
    const longer = { messages: [user([text("0123456789"), text("x", marked())])] };
    await ask(prompt(), { at: 0 });
    expect(await ask(longer, { at: 200 })).toEqual([10, 1, 0, 0]);
    expect(await ask(prompt(), { at: 450 })).toEqual(READ);
    expect(await ask(prompt(), { at: 751 })).toEqual(WRITTEN);
  });

  it("on the way to one that is read lives on too", async () => {
    verifies("caching.reads-refresh-the-path");
    const { ask } = testCache();
    const turns = (count: number): object => ({
      messages: Array.from({ length: 2 * count - 1 }, (_, index) =>
        index % 2 === 0 ? user([text("question", index === 2 * count - 2 ? marked() : {})]) : assistant("ok"),
      ),
    });
    await ask(turns(1), { at: 0 });
    for (let turn = 2; turn <= 5; turn++) {
      expect(await ask(turns(turn), { at: (turn - 1) * 200 })).toEqual([10 * turn - 12, 10, 0, 0]);
    }
    expect(await ask(turns(1), { at: 900 })).toEqual([8, 0, 0, 0]);
    expect(await ask(turns(2), { at: 1101 })).toEqual([8, 10, 0, 0]);
  });

  it("keeps the longer of two ttls, and is not charged again", async () => {
    verifies("caching.longer-ttl-stays");
    const { ask } = testCache();
    expect(await ask(prompt("5m"), { at: 0 })).toEqual(WRITTEN);
    expect(await ask(prompt("1h"), { at: 100 })).toEqual(READ);
    expect(await ask(prompt("5m"), { at: 3000 })).toEqual(READ);
    expect(await ask(prompt("5m"), { at: 6599 })).toEqual(READ);
    expect(await ask(prompt("1h"), { at: 20_000 })).toEqual(WRITTEN_FOR_AN_HOUR);
  });

  it("that has ended does not lend its ttl to the next", async () => {
    verifies("caching.longer-ttl-stays");
    const { ask } = testCache();
    await ask(prompt("1h"), { at: 0 });
    expect(await ask(prompt("5m"), { at: 3601 })).toEqual(WRITTEN);
    expect(await ask(prompt("5m"), { at: 3902 })).toEqual(WRITTEN);
  });
});

describe("what a request writes", () => {
  it("is there once its response has begun, not before", async () => {
    verifies("caching.available-at-response-start");
    const { plan, ask } = testCache();
    const [one, other] = [await plan(prompt()), await plan(prompt())];
    expect([splitOf(one), splitOf(other)]).toEqual([WRITTEN, WRITTEN]);
    one.begun();
    expect(await ask(prompt())).toEqual(READ);
    other.begun();
    expect(await ask(prompt())).toEqual(READ);
  });

  it("is nothing when it fails", async () => {
    verifies("caching.failures-write-nothing");
    const { plan, ask } = testCache();
    const failed = await plan(prompt());
    failed.abandoned();
    failed.begun();
    await plan(prompt());
    expect(await ask(prompt(), { at: 1 })).toEqual(WRITTEN);
    const reader = await plan(prompt(), { at: 200 });
    reader.abandoned();
    expect(await ask(prompt(), { at: 302 })).toEqual(WRITTEN);
  });

  it("stays when it is cut off after its response began", async () => {
    verifies("caching.failures-write-nothing");
    const { plan, ask } = testCache();
    const cut = await plan(prompt());
    cut.begun();
    cut.abandoned();
    expect(await ask(prompt())).toEqual(READ);
  });

  it("is dated from its own start, also when others wrote the same since", async () => {
    verifies("caching.ttl-from-request-start");
    const { plan, ask } = testCache();
    const early = await plan(prompt(), { at: 0 });
    await ask(prompt(), { at: 100 });
    early.begun();
    expect(await ask(prompt(), { at: 399 })).toEqual(READ);
  });
});

describe("a clock that jumps", () => {
  it("back gives an entry no more than its lifetime, however far", async () => {
    verifies("caching.clock-jumps");
    const { ask } = testCache();
    await ask(prompt(), { at: 1_000_000_000 });
    expect(await ask(prompt(), { at: 100 })).toEqual(READ);
    expect(await ask(prompt(), { at: 399 })).toEqual(READ);
    expect(await ask(prompt(), { at: 700 })).toEqual(WRITTEN);
    expect(await ask(prompt(), { at: -5_000 })).toEqual(READ);
    expect(await ask(prompt(), { at: -4_699 })).toEqual(WRITTEN);
  });

  it("forward ends what it jumps over", async () => {
    verifies("caching.clock-jumps");
    const { ask } = testCache();
    await ask(prompt("1h"), { at: 0 });
    expect(await ask(prompt("1h"), { at: 1e9 })).toEqual(WRITTEN_FOR_AN_HOUR);
    expect(await ask(prompt("1h"), { at: 1e9 + 3599 })).toEqual(READ);
  });

  it("while a request is under way dates it to now at the latest", async () => {
    verifies("caching.clock-jumps");
    const { ask } = testCache();
    await ask(prompt(), { at: 100, startedAt: 9e12 });
    expect(await ask(prompt(), { at: 399 })).toEqual(READ);
    expect(await ask(prompt(), { at: 700 })).toEqual(WRITTEN);
  });
});
