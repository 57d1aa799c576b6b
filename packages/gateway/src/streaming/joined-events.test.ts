import { encodeSse, type MessageStreamEvent } from "@ml-intern/messages";
import { expect, test } from "vitest";
import { JoinedEvents } from "./joined-events.ts";

const delta = (text: string): MessageStreamEvent => ({
  type: "content_block_delta",
  index: 0,
  delta: { type: "text_delta", text },
});

/** Events that are handed out when the test says so. */
class Source implements AsyncIterator<MessageStreamEvent> {
  asked = 0;
  readonly #waiting: {
    readonly resolve: (result: IteratorResult<MessageStreamEvent>) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  next(): Promise<IteratorResult<MessageStreamEvent>> {
    this.asked++;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  give(text: string): void {
    this.#waiting.shift()?.resolve({ done: false, value: delta(text) });
  }

  end(): void {
    this.#waiting.shift()?.resolve({ done: true, value: undefined });
  }

  fail(error: unknown): void {
    this.#waiting.shift()?.reject(error);
  }
}

async function* all(...texts: string[]): AsyncGenerator<MessageStreamEvent> {
  for (const text of texts) yield delta(text);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sse = (...texts: string[]): string => texts.map((text) => encodeSse(delta(text))).join("");

test("what comes together leaves together", async () => {
  expect(await new JoinedEvents(all("a", "b", "c")).next()).toEqual({ text: sse("a", "b", "c"), done: true });
});

test("what comes later leaves later, and at most one event is asked for ahead", async () => {
  const source = new Source();
  const joined = new JoinedEvents(source);
  const first = joined.next();
  source.give("a");
  expect(await first).toEqual({ text: sse("a"), done: false });
  source.give("b");
  await turn();
  expect(source.asked).toBe(2);
  const second = joined.next();
  source.give("c");
  expect(await second).toEqual({ text: sse("b", "c"), done: false });
  const third = joined.next();
  source.give("d");
  await Promise.resolve();
  source.end();
  expect(await third).toEqual({ text: sse("d"), done: true });
});

test("a piece that has grown long leaves at once", async () => {
  const long = "x".repeat(20_000);
  const joined = new JoinedEvents(all(long, "b"));
  expect(await joined.next()).toEqual({ text: sse(long), done: false });
  expect(await joined.next()).toEqual({ text: sse("b"), done: true });
  expect(await joined.next()).toEqual({ text: "", done: true });
});

test("a failure comes after what came before it", async () => {
  const source = new Source();
  const joined = new JoinedEvents(source);
  const first = joined.next();
  source.give("a");
  await first;
  source.give("b");
  await turn();
  const second = joined.next();
  source.fail(new Error("gone"));
  expect(await second).toEqual({ text: sse("b"), done: false });
  await expect(joined.next()).rejects.toThrow("gone");
});
