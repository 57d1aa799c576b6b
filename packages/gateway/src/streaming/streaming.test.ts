import { setTimeout as delay } from "node:timers/promises";
import { type MessageStreamEvent, SseDecoder } from "@ml-intern/messages";
import { turnEvents } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { GatewayError } from "../gateway-error.ts";
import { awaitFirst } from "./await-first.ts";
import { sseBody } from "./sse-body.ts";
import { withErrorEvent } from "./with-error-event.ts";
import { withPing } from "./with-ping.ts";

const EVENTS = [...turnEvents({ text: "Hello" })];

/** A promise that the test settles. */
function gate<T>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: Error) => void } {
  let open = (_: T): void => {};
  let fail = (_: Error): void => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

async function* after<T>(opened: Promise<unknown>, values: Iterable<T>): AsyncGenerator<T> {
  await opened;
  yield* values;
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe("waiting for the first event", () => {
  it("throws what comes instead of it", async () => {
    await expect(awaitFirst(after(Promise.reject(new Error("down")), []), 10_000)).rejects.toThrow("down");
  });

  it("loses nothing", async () => {
    expect(await all(await awaitFirst(after(Promise.resolve(), [1, 2, 3]), 10_000))).toEqual([1, 2, 3]);
    expect(await all(await awaitFirst(after(Promise.resolve(), []), 10_000))).toEqual([]);
  });

  it("is given up after a while; the event, or the failure, then comes within the stream", async () => {
    verifies("connection.headers-in-time");
    const late = gate<void>();
    const started = await awaitFirst(after(late.promise, ["late"]), 1);
    late.open();
    expect(await all(started)).toEqual(["late"]);

    const broken = gate<void>();
    const failing = await awaitFirst(after(broken.promise, []), 1);
    broken.fail(new Error("late failure"));
    await expect(all(failing)).rejects.toThrow("late failure");
  });

  it("leaves a failure that nobody comes to read unreported", async () => {
    const broken = gate<void>();
    await awaitFirst(after(broken.promise, []), 1);
    broken.fail(new Error("nobody cares"));
    // An unhandled rejection would end the process by the next turn of the event loop.
    await delay(0);
  });
});

describe("pings", () => {
  it("come once after the first block has started, when nothing is silent", async () => {
    const events = [...EVENTS.slice(0, -2), ...[...turnEvents({ text: "b" })].slice(1)];
    const types = (await all(withPing(after(Promise.resolve(), events), { intervalMs: 10_000 }))).map(
      ({ type }) => type,
    );
    expect(types.filter((type) => type === "ping")).toHaveLength(1);
    expect(types.indexOf("ping")).toBe(types.indexOf("content_block_start") + 1);
  });

  it("come before the first event, too", async () => {
    const late = gate<void>();
    const events = withPing(after(late.promise, EVENTS), { intervalMs: 1 });
    expect((await events.next()).value).toEqual({ type: "ping" });
    expect((await events.next()).value).toEqual({ type: "ping" });
    late.open();
    expect((await all(events)).filter(({ type }) => type !== "ping")).toEqual(EVENTS);
  });

  it("end with the reader, and so does the source", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<MessageStreamEvent> {
      try {
        yield* EVENTS;
      } finally {
        closed = true;
      }
    }
    for await (const _ of withPing(source(), { intervalMs: 10_000 })) break;
    expect(closed).toBe(true);
  });
});

describe("a body", () => {
  it("pulls only what is read, give or take what leaves together", async () => {
    let pulled = 0;
    async function* source(): AsyncGenerator<MessageStreamEvent> {
      for (;;) {
        pulled++;
        yield { type: "ping" };
      }
    }
    const reader = sseBody(source(), { controller: new AbortController(), onEnd: () => {} }).getReader();
    const { value } = await reader.read();
    await delay(0);
    expect(value?.byteLength).toBeLessThan(17 * 1024);
    expect(pulled).toBeLessThan(1000);
  });

  it("sends together what comes together, and holds nothing back for what is still to come", async () => {
    const later = gate<void>();
    async function* source(): AsyncGenerator<MessageStreamEvent> {
      yield* EVENTS.slice(0, 3);
      await later.promise;
      yield* EVENTS.slice(3);
    }
    const reader = sseBody(source(), { controller: new AbortController(), onEnd: () => {} }).getReader();
    const types = async (): Promise<readonly (string | null)[]> => {
      const { value } = await reader.read();
      return new SseDecoder().push(new TextDecoder().decode(value)).map(({ event }) => event);
    };
    expect(await types()).toEqual(EVENTS.slice(0, 3).map(({ type }) => type));
    later.open();
    expect(await types()).toEqual(EVENTS.slice(3).map(({ type }) => type));
    expect((await reader.read()).done).toBe(true);
  });

  it("tells the client why when the server gives up", async () => {
    const controller = new AbortController();
    async function* source(): AsyncGenerator<MessageStreamEvent> {
      yield* EVENTS.slice(0, 3);
      await new Promise((_, reject) => {
        controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
      });
    }
    const failures: unknown[] = [];
    const events = withErrorEvent(source(), {
      requestId: "req_1",
      signal: controller.signal,
      onFailure: (error) => failures.push(error),
    });
    const reader = sseBody(events, { controller, onEnd: () => {} }).getReader();
    await reader.read();
    const reason = new GatewayError("Good night", { code: "shutting_down", status: 503, type: "api_error" });
    controller.abort(reason);
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toContain('"message":"Good night"');
    expect((await reader.read()).done).toBe(true);
    expect(failures).toEqual([reason]);
  });

  it.each(["the end", "cancelling", "aborting", "failing"])("ends once by %s", async (way) => {
    let ends = 0;
    const controller = new AbortController();
    const failure = gate<void>();
    async function* source(): AsyncGenerator<MessageStreamEvent> {
      yield* EVENTS;
      if (way === "the end") return;
      await new Promise((_, reject) => {
        controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
        failure.promise.catch(reject);
      });
    }
    const reader = sseBody(source(), { controller, onEnd: () => ends++ }).getReader();
    if (way !== "the end") await reader.read();
    if (way === "cancelling") await reader.cancel();
    if (way === "aborting") controller.abort();
    failure.fail(new Error("boom"));
    failure.promise.catch(() => {});
    let outcome = "closed";
    try {
      while (!(await reader.read()).done);
    } catch {
      outcome = "failed";
    }
    expect(outcome).toBe(way === "failing" ? "failed" : "closed");
    expect(ends).toBe(1);
    expect(controller.signal.aborted).toBe(way === "cancelling" || way === "aborting");
  });
});
