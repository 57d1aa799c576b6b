import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import {
  assistant,
  call,
  document,
  marked,
  result,
  system,
  text,
  tool,
  user,
} from "../validation/testing/request-parts.ts";
import { testCache } from "./testing/test-cache.ts";

const thinking = { type: "thinking", thinking: "so", signature: "s" };
const picture = { type: "image", source: { type: "url", url: "https://example.com/x.png" } };

describe("cache_control on the request", () => {
  it("moves on with the conversation", async () => {
    verifies("caching.automatic");
    const { ask } = testCache();
    const turns = [user("first"), assistant("one"), user("second"), assistant("two"), user("third")];
    const upTo = (end: number): object => ({ system: "system", messages: turns.slice(0, end), ...marked() });
    expect(await ask(upTo(1))).toEqual([0, 11, 0, 0]);
    expect(await ask(upTo(3))).toEqual([11, 9, 0, 0]);
    expect(await ask(upTo(5))).toEqual([20, 8, 0, 0]);
  });

  it("has a ttl of its own", async () => {
    verifies("caching.automatic");
    const { ask } = testCache();
    expect(await ask({ messages: [user("first")], ...marked("1h") })).toEqual([0, 0, 5, 0]);
  });

  it("stands beside markers on blocks", async () => {
    verifies("caching.automatic");
    const { ask } = testCache();
    const body = (question: string): object => ({
      system: [text("system", marked("1h"))],
      messages: [user(question)],
      ...marked(),
    });
    expect(await ask(body("first"))).toEqual([0, 5, 6, 0]);
    expect(await ask(body("other"))).toEqual([6, 5, 0, 0]);
  });

  it("walks back over what cannot be marked", async () => {
    verifies("caching.automatic-walks-back");
    const { ask } = testCache();
    const ending = (...blocks: object[]): object => ({
      messages: [user("first"), assistant([text("answer"), ...blocks])],
      ...marked(),
    });
    expect(await ask(ending(thinking, { type: "redacted_thinking", data: "x" }))).toEqual([0, 11, 0, 10]);
    expect(await ask(ending())).toEqual([11, 0, 0, 0]);
    expect(await ask({ messages: [user("first"), assistant("")], ...marked() })).toEqual([0, 5, 0, 0]);
    expect(await ask({ system: "s", messages: [assistant([thinking])], ...marked() })).toEqual([0, 1, 0, 5]);
  });

  it("caches nothing where nothing can be marked", async () => {
    verifies("caching.automatic-walks-back");
    const { ask } = testCache();
    expect(await ask({ messages: [assistant([thinking])], ...marked() })).toEqual([0, 0, 0, 5]);
  });

  it("changes nothing on a block that has the marker already", async () => {
    verifies("caching.automatic-on-a-marker");
    const { plan } = testCache();
    const body = { messages: [user([text("first", marked("1h"))])] };
    const plain = await plan(body);
    const both = await plan({ ...body, ...marked("1h") });
    expect(both.usage).toEqual(plain.usage);
    expect(both.breakpoints).toEqual(plain.breakpoints);
  });

  it("leaves the hour to a block that it walks back to", async () => {
    verifies("caching.automatic-on-a-marker");
    const { ask } = testCache();
    const body = { messages: [user("a"), assistant([text("answer", marked("1h")), thinking])], ...marked() };
    expect(await ask(body)).toEqual([0, 0, 7, 5]);
  });
});

describe("a marker", () => {
  it.each<[string, object, number]>([
    ["a tool", { tools: [tool(marked())] }, 10],
    ["system text", { system: [text("system", marked())] }, 6],
    ["a user's text", { messages: [user([text("question", marked())])] }, 8],
    ["an answer", { messages: [user("a"), assistant([text("answer", marked())])] }, 7],
    ["a picture", { messages: [user([{ ...picture, ...marked() }])] }, 5],
    ["a document", { messages: [user([document(marked())])] }, 5],
    [
      "a search result",
      {
        messages: [
          user([{ type: "search_result", source: "s", title: "t", content: [text("x")], ...marked() }]),
        ],
      },
      5,
    ],
    [
      "a call",
      {
        messages: [user("a"), assistant([call("t", marked()), call("u")]), user([result("t"), result("u")])],
      },
      6,
    ],
    ["a result", { messages: [user("a"), assistant([call("t")]), user([result("t", marked())])] }, 11],
    ["a system message", { messages: [user("a"), system([text("note", marked())])] }, 5],
  ])("may stand on %s", async (_, body, tokens) => {
    verifies("caching.markable-blocks");
    const { ask } = testCache();
    const whole = { messages: [user("last")], ...body };
    const [, written] = await ask(whole);
    expect(written).toBe(tokens);
    expect((await ask(whole))[0]).toBe(tokens);
  });

  it("within a result stands for all of it", async () => {
    verifies("caching.nested-markers");
    const { ask } = testCache();
    const conversation = (results: object): object => ({
      messages: [user("a"), assistant([call("t")]), user([result("t", results), text("tail")])],
    });
    const parts = (...extra: object[]): object => ({ content: [text("one", ...extra), text("two")] });
    expect(await ask(conversation(parts(marked("1h"))))).toEqual([0, 0, 11, 4]);
    expect(await ask(conversation({ ...parts(), ...marked() }))).toEqual([11, 0, 0, 4]);
    expect(await ask(conversation({ content: [text("one", marked("1h")), text("2")], ...marked() }))).toEqual(
      [0, 0, 11, 4],
    );
  });

  it("on what is no part of the prompt falls on the block before", async () => {
    verifies("caching.nested-markers");
    const { ask } = testCache();
    const later = tool({ name: "later", defer_loading: true, ...marked() });
    const header = text("x-anthropic-billing-header: cc_version=1;", marked());
    const messages = [user("a")];
    expect(await ask({ tools: [tool(), later], messages })).toEqual([0, 10, 0, 11]);
    expect(await ask({ tools: [tool()], system: [header], messages })).toEqual([10, 0, 0, 42]);
    expect(await ask({ tools: [later], messages })).toEqual([0, 0, 0, 11]);
  });

  it("in what a tool is called with, or in its schema, is data", async () => {
    verifies("caching.markable-blocks", "caching.exact-match");
    const { ask, plan } = testCache();
    const called = (input: object): object => ({
      messages: [user("a"), assistant([call("t", { input })]), user([result("t")])],
    });
    expect((await plan(called(marked()))).breakpoints).toEqual([]);
    await ask({ ...called(marked()), ...marked() });
    expect(await ask({ ...called({}), ...marked() })).toEqual([0, 11, 0, 0]);
  });
});
