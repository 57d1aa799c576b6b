import { describe, expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
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
} from "../../validation/testing/request-parts.ts";
import { testCache } from "../testing/test-cache.ts";

const reads = async (first: object, second: object): Promise<boolean> => {
  const { ask } = testCache();
  await ask({ messages: [user("question")], ...marked(), ...first });
  const [read, , , input] = await ask({ messages: [user("question")], ...marked(), ...second });
  expect(input).toBe(0);
  return read > 0;
};

const loop = (blocks: readonly object[], answer: object = {}): object => ({
  messages: [user("a"), assistant(blocks), user([result("t", answer)])],
});

describe("the same prompt", () => {
  it.each<[string, object, object]>([
    ["string content", { messages: [user("a")] }, { messages: [user([text("a")])] }],
    ["a string for system", { system: "s" }, { system: [text("s")] }],
    [
      "Claude Code's system message",
      { messages: [user("a"), system([text("note", marked())])] },
      { messages: [user("a"), system("note"), assistant("b")] },
    ],
    ["no marker", { messages: [user([text("a", marked())])] }, { messages: [user([text("a")])] }],
    [
      "a marker that is null",
      { messages: [user([text("a", { cache_control: null })])] },
      { messages: [user("a")] },
    ],
    ["an empty list of tools", { tools: [] }, {}],
  ])("may be written with %s", async (_, first, second) => {
    verifies("caching.same-prompt-any-spelling");
    expect(await reads(first, second)).toBe(true);
  });

  it("may come in one message or in two of the same role", async () => {
    verifies("caching.neighbours-are-one-turn");
    const two = { messages: [user("a"), user("b"), assistant("c"), assistant("d")] };
    const one = { messages: [user([text("a"), text("b")]), assistant([text("c"), text("d")])] };
    expect(await reads(two, one)).toBe(true);
    expect(await reads(two, { messages: [user("a"), assistant("b"), user("c"), assistant("d")] })).toBe(
      false,
    );
  });

  it("comes back from every client", async () => {
    verifies("caching.replay");
    const [id, input] = ["t", { path: "a.txt" }];
    const streamed = { type: "tool_use", id, name: "f", caller: { type: "direct" }, input };
    const whole = { type: "tool_use", id, name: "f", input, caller: { type: "direct" } };
    const claudeCode = { type: "tool_use", id, name: "f", input };
    const said = [text("I look", { citations: null }), text("I look", { citations: [] }), text("I look")];
    const turns = [streamed, whole, claudeCode].map((block, index) => loop([said[index] ?? {}, block]));
    for (const turn of turns) expect(await reads(turns[0] ?? {}, turn)).toBe(true);
  });

  it.each<[string, object, object]>([
    ["a string for a result", { content: "ok" }, { content: [text("ok")] }],
    ["no result for an empty one", { content: undefined }, { content: "" }],
    ["an empty text for no result", { content: [text("")] }, { content: [] }],
    ["is_error: false", { is_error: false }, {}],
  ])("may have %s", async (_, first, second) => {
    verifies("caching.replay");
    expect(await reads(loop([call("t")], first), loop([call("t")], second))).toBe(true);
  });

  it("has inputs with their keys in any order, at any depth", async () => {
    verifies("caching.input-key-order");
    const called = (input: object): object => loop([call("t", { input })]);
    const one = { b: [{ y: 1, x: 2 }], a: "1" };
    expect(await reads(called(one), called({ a: "1", b: [{ x: 2, y: 1 }] }))).toBe(true);
    expect(await reads(called(one), called({ a: 1, b: [{ x: 2, y: 1 }] }))).toBe(false);
    expect(await reads(called({ a: [1, 2] }), called({ a: [2, 1] }))).toBe(false);
  });

  it("has tools with fields in any order, and schemas as they are written", async () => {
    verifies("caching.schema-key-order");
    const schema = (...names: string[]): object => ({
      input_schema: { type: "object", properties: Object.fromEntries(names.map((name) => [name, {}])) },
    });
    const described = { name: "f", description: "d", ...schema("a", "b") };
    const reordered = { ...schema("a", "b"), type: "custom", description: "d", name: "f" };
    expect(await reads({ tools: [described] }, { tools: [reordered] })).toBe(true);
    for (const extra of [
      schema("b", "a"),
      { strict: true },
      { input_examples: [{}] },
      { description: "e" },
    ]) {
      expect(await reads({ tools: [described] }, { tools: [{ ...described, ...extra }] })).toBe(false);
    }
  });

  it.each<[string, object]>([
    ["max_tokens", { max_tokens: 7 }],
    ["stream", { stream: true }],
    ["metadata", { metadata: { user_id: "somebody" } }],
    ["stop_sequences", { stop_sequences: ["x"] }],
    ["service_tier", { service_tier: "auto" }],
    ["user_profile_id", { user_profile_id: "u" }],
    ["diagnostics", { diagnostics: { previous_message_id: null } }],
    ["sampling", { temperature: 0.2, top_p: 0.5, top_k: 3 }],
    ["the ttl", marked("1h")],
    ["eager_input_streaming", { tools: [tool({ eager_input_streaming: true })] }],
  ])("does not know %s", async (_, extra) => {
    verifies("caching.not-part-of-the-prompt");
    expect(await reads({ tools: [tool()] }, { tools: [tool()], ...extra })).toBe(true);
  });

  it("does not know how thinking is shown", async () => {
    verifies("caching.not-part-of-the-prompt");
    const adaptive = { type: "adaptive" };
    expect(await reads({ thinking: adaptive }, { thinking: { ...adaptive, display: "omitted" } })).toBe(true);
  });

  it("has no line of Claude Code about itself, where that stands first", async () => {
    verifies("caching.billing-header");
    const header = (version: string): object => text(`x-anthropic-billing-header: cc_version=${version};`);
    const of = (...blocks: object[]): object => ({ system: blocks });
    expect(await reads(of(header("1"), text("s")), of(header("2"), text("s")))).toBe(true);
    expect(await reads(of(header("1"), text("s")), of(text("s")))).toBe(true);
    expect(await reads(of(text("s"), header("1")), of(text("s"), header("2")))).toBe(false);
    expect(await reads(of(text("s"), header("1")), of(text("s")))).toBe(false);
  });

  it("has no deferred tools before a result names them", async () => {
    verifies("caching.deferred-tools");
    const later = (description: string): object => tool({ name: "later", description, defer_loading: true });
    expect(await reads({ tools: [tool()] }, { tools: [later("a"), tool()] })).toBe(true);
    const naming = (description: string): object => ({
      ...loop([call("t")], { content: [{ type: "tool_reference", tool_name: "later" }] }),
      tools: [tool(), later(description)],
    });
    expect(await reads(naming("a"), naming("a"))).toBe(true);
    expect(await reads(naming("a"), naming("b"))).toBe(false);
    const { ask } = testCache();
    const first = { tools: [tool(marked()), later("a")], messages: [user("x")] };
    await ask(first);
    expect(await ask({ ...naming("b"), tools: [tool(marked()), later("b")] })).toEqual([10, 0, 0, 21]);
  });
});

describe("another prompt", () => {
  it.each<[string, object, object]>([
    ["role", { messages: [user("a"), assistant("b")] }, { messages: [user("a"), user("b")] }],
    ["place of a text", { system: "a", messages: [user("b")] }, { messages: [user("a"), user("b")] }],
    ["cut between blocks", { messages: [user([text("a"), text("b")])] }, { messages: [user("ab")] }],
    ["text that looks like a block", { messages: [user('{"type":"image"}')] }, { messages: [user("x")] }],
    [
      "field named like a prototype",
      loop([call("t", { input: JSON.parse('{"__proto__":1}') })]),
      loop([call("t", { input: {} })]),
    ],
    [
      "field of a kind that only the API knows",
      { messages: [user([{ type: "container_upload", ...JSON.parse('{"__proto__":{"a":1}}') }])] },
      { messages: [user([{ type: "container_upload" }])] },
    ],
    ["error", loop([call("t")], { is_error: true }), loop([call("t")])],
    [
      "id of a call",
      loop([call("t")]),
      { messages: [user("a"), assistant([call("u")]), user([result("u")])] },
    ],
    [
      "title of a document",
      { messages: [user([document({ title: "a" })])] },
      { messages: [user([document()])] },
    ],
    [
      "picture",
      { messages: [user([{ type: "image", source: { type: "url", url: "https://a" } }])] },
      { messages: [user([{ type: "image", source: { type: "url", url: "https://b" } }])] },
    ],
  ])("has another %s", async (_, first, second) => {
    verifies("caching.exact-match");
    expect(await reads(first, second)).toBe(false);
    expect(await reads(first, first)).toBe(true);
  });
});
