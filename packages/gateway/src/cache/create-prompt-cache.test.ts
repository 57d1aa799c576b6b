import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { assistant, call, marked, result, text, tool, user } from "../validation/testing/request-parts.ts";
import { testCache } from "./testing/test-cache.ts";

const TEN = "0123456789";
/** A conversation of so many blocks of ten tokens, some of them marked; blocks count from 1. */
const blocks = (count: number, ...markers: number[]): object => ({
  messages: Array.from({ length: count }, (_, index) => {
    const block = text(TEN.replace("0", String.fromCharCode(65 + index)), at(index + 1, markers));
    return index % 2 === 0 ? user([block]) : assistant([block]);
  }),
});
const at = (block: number, markers: readonly number[]): object => (markers.includes(block) ? marked() : {});

describe("a cache", () => {
  it("is used by those who ask for it", async () => {
    verifies("caching.opt-in");
    const { ask } = testCache();
    expect(await ask(blocks(3, 3))).toEqual([0, 30, 0, 0]);
    expect(await ask(blocks(3))).toEqual([0, 0, 0, 30]);
    expect(await ask(blocks(3, 3))).toEqual([30, 0, 0, 0]);
  });

  it("holds one entry for each marker, at its block", async () => {
    verifies("caching.one-entry-per-marker");
    const { ask } = testCache();
    await ask(blocks(6, 6));
    const other = { messages: [...messagesOf(blocks(5)), assistant([text("another one", marked())])] };
    expect(await ask(other)).toEqual([0, 61, 0, 0]);
    expect(await ask(blocks(5, 5))).toEqual([0, 50, 0, 0]);
    expect(await ask(blocks(5, 5))).toEqual([50, 0, 0, 0]);
  });

  it("finds what was written at a block before the marker", async () => {
    verifies("caching.lookback");
    const { ask } = testCache();
    await ask(blocks(10, 10));
    expect(await ask(blocks(15, 15))).toEqual([100, 50, 0, 0]);
  });

  it("is looked up at 20 positions", async () => {
    verifies("caching.lookback-window");
    const { ask } = testCache();
    await ask(blocks(15, 15));
    expect(await ask(blocks(35, 35))).toEqual([0, 350, 0, 0]);
    await ask(blocks(15, 15), { at: 10_000 });
    expect(await ask(blocks(34, 34))).toEqual([150, 190, 0, 0]);
  });

  it("counts a run of calls as one position, and a run of results", async () => {
    verifies("caching.runs-collapse");
    const { ask } = testCache();
    const ids = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const calls = assistant(ids.map((id) => call(id)));
    const results = (count: number): object =>
      user(ids.map((id, index) => result(id, at(index + 1, [count]))));
    await ask(blocks(1, 1));
    expect(await ask({ messages: [...messagesOf(blocks(1)), calls, results(30)] })).toEqual([10, 300, 0, 0]);
    expect(await ask({ messages: [...messagesOf(blocks(1)), calls, results(12)] })).toEqual([10, 210, 0, 90]);
  });

  it("finds an entry within a run", async () => {
    verifies("caching.runs-collapse");
    const { ask } = testCache();
    const steps = (...markers: number[]): object => ({
      messages: [
        user("a"),
        assistant([call("t1"), call("t2")]),
        user([result("t1", at(1, markers)), result("t2", at(2, markers))]),
      ],
    });
    expect(await ask(steps(1))).toEqual([0, 16, 0, 5]);
    expect(await ask(steps(2))).toEqual([16, 5, 0, 0]);
  });

  it("is looked up from the marker before when the window of the last one is empty", async () => {
    verifies("caching.next-marker-resumes");
    const { ask } = testCache();
    await ask(blocks(15, 15));
    expect(await ask(blocks(35, 15, 35))).toEqual([150, 200, 0, 0]);
    expect(await ask(blocks(60, 14, 60), { at: 10_000 })).toEqual([0, 600, 0, 0]);
  });

  it("gives the longest prompt that it holds", async () => {
    verifies("caching.longest-match");
    const { ask } = testCache();
    const layered = (question: string): object => ({
      tools: [tool(marked())],
      system: [text("system", marked())],
      messages: [user([text("documents", marked()), text(question, marked())])],
    });
    expect(await ask(layered("first"))).toEqual([0, 30, 0, 0]);
    expect(await ask(layered("second one"))).toEqual([25, 10, 0, 0]);
  });

  it("does not hold answers until they come back", async () => {
    verifies("caching.only-the-request");
    const { ask } = testCache();
    await ask({ messages: [user([text("question", marked())])] });
    const second = { messages: [user("question"), assistant("answer"), user([text("more", marked())])] };
    expect(await ask(second)).toEqual([8, 10, 0, 0]);
  });

  it("holds thinking with the rest of a history", async () => {
    verifies("caching.thinking-rides-along");
    const { ask } = testCache();
    const thought = (thinking: string): object => ({ type: "thinking", thinking, signature: "s" });
    const loop = (thinking: string): object => ({
      messages: [user("a"), assistant([thought(thinking), call("t")]), user([result("t", marked())])],
    });
    expect(await ask(loop("so"))).toEqual([0, 16, 0, 0]);
    expect(await ask(loop("so"))).toEqual([16, 0, 0, 0]);
    expect(await ask(loop("not so"))).toEqual([0, 16, 0, 0]);
  });

  it("is warmed by a request that wants no answer", async () => {
    verifies("caching.pre-warm");
    const { ask } = testCache();
    const about = (question: string, extra: object = {}): object => ({
      system: [text("system prompt", marked())],
      messages: [user(question)],
      ...extra,
    });
    expect(await ask(about("warm", { max_tokens: 0 }))).toEqual([0, 13, 0, 4]);
    expect(await ask(about("question"))).toEqual([13, 0, 0, 8]);
  });
});

describe("entries", () => {
  it("are shared within a workspace, never between two", async () => {
    verifies("caching.by-workspace");
    const { ask } = testCache();
    await ask(blocks(3, 3), { workspace: "one" });
    expect(await ask(blocks(3, 3), { workspace: "two" })).toEqual([0, 30, 0, 0]);
    expect(await ask(blocks(3, 3), { workspace: "one" })).toEqual([30, 0, 0, 0]);
  });

  it("belong to one model", async () => {
    verifies("caching.by-model");
    const { ask } = testCache();
    await ask(blocks(3, 3), { model: "llama/one" });
    expect(await ask(blocks(3, 3), { model: "llama/two" })).toEqual([0, 30, 0, 0]);
    expect(await ask(blocks(3, 3), { model: "llama/one" })).toEqual([30, 0, 0, 0]);
  });

  it("cannot be had by names that are put together alike", async () => {
    verifies("caching.by-workspace", "caching.by-model");
    const { ask } = testCache();
    await ask(blocks(3, 3), { workspace: 'a","b', model: "c" });
    expect(await ask(blocks(3, 3), { workspace: "a", model: 'b","c' })).toEqual([0, 30, 0, 0]);
  });
});

describe("a prompt that is too short", () => {
  it("is neither written nor an error, and what stands before the marker counts", async () => {
    verifies("caching.minimum-length");
    const { ask, plan } = testCache({ minimum: 30 });
    expect(await ask(blocks(2, 2))).toEqual([0, 0, 0, 20]);
    expect(await ask(blocks(2, 2))).toEqual([0, 0, 0, 20]);
    expect((await plan(blocks(4, 2, 4))).breakpoints).toMatchObject([{ tokens: 40 }]);
    expect(await ask(blocks(4, 2, 3))).toEqual([0, 30, 0, 10]);
    expect(await ask(blocks(4, 2, 3))).toEqual([30, 0, 0, 10]);
  });
});

describe("a plan", () => {
  it("says where state is worth keeping, in the order of the prompt", async () => {
    verifies("caching.one-entry-per-marker");
    const { plan } = testCache();
    const body = { system: [text("system", marked("1h"))], messages: messagesOf(blocks(3, 3)) };
    const first = await plan(body);
    expect(first.breakpoints).toEqual([
      { place: { section: "system", index: 0 }, tokens: 6, ttl: "1h" },
      { place: { section: "messages", message: 2, block: 0 }, tokens: 36, ttl: "5m" },
    ]);
    expect(first.readTokens).toBe(0);
    first.begun();
    expect((await plan(body)).readTokens).toBe(36);
  });

  it("charges an hour and five minutes apart, wherever the hit is", async () => {
    verifies("caching.mixed-ttl");
    const layered = (...texts: string[]): object => ({
      system: [text(texts[0] ?? "", marked("1h"))],
      messages: [
        user([text(texts[1] ?? "", marked("1h")), text(texts[2] ?? "", marked())]),
        assistant("end"),
      ],
    });
    const { ask } = testCache();
    expect(await ask(layered("four", "sixsix", "eighteig"))).toEqual([0, 8, 10, 3]);
    expect(await ask(layered("four", "SIXSIX", "eighteig"))).toEqual([4, 8, 6, 3]);
    expect(await ask(layered("four", "SIXSIX", "EIGHTEIG"))).toEqual([10, 8, 0, 3]);
    expect(await ask(layered("four", "SIXSIX", "EIGHTEIG"))).toEqual([18, 0, 0, 3]);
  });
});

function messagesOf(body: object): readonly object[] {
  return (body as { readonly messages: readonly object[] }).messages;
}
