import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { withoutEarlierThinking } from "../pipeline/without-earlier-thinking.ts";
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
import { testCache, validated } from "./testing/test-cache.ts";

type Kept = "nothing" | "tools" | "tools and system" | "everything";

const picture = { type: "image", source: { type: "url", url: "https://example.com/x.png" } };
const question = user([text("question", marked())]);
/** Tools of 20 tokens, a system prompt of 6, a question of 8, each with its marker. */
const BASE = {
  tools: [tool({ name: "a" }), tool({ name: "b", ...marked() })],
  system: [text("system", marked())],
  messages: [question],
};
const KEPT: Readonly<Record<number, Kept>> = {
  0: "nothing",
  20: "tools",
  26: "tools and system",
  34: "everything",
};

/** What a second request finds of the first one. */
async function kept(second: object, first: object = {}, options: object = {}): Promise<Kept> {
  const { ask } = testCache();
  await ask({ ...BASE, ...first });
  const [read] = await ask({ ...BASE, ...second }, options);
  return KEPT[read] ?? expect.fail(`${read} tokens were read`);
}

/** The same change in both directions. */
async function switched(extra: object, from: object = {}): Promise<Kept> {
  const [there, back] = [await kept({ ...from, ...extra }, from), await kept(from, { ...from, ...extra })];
  expect(back).toBe(there);
  return there;
}

describe("nothing is left", () => {
  const [a, b] = BASE.tools;
  it.each<[string, readonly unknown[]]>([
    ["added first", [tool({ name: "c" }), a, b]],
    ["removed", [b]],
    ["moved", [tool({ name: "b" }), tool({ name: "a", ...marked() })]],
    ["renamed", [tool({ name: "c" }), b]],
    ["described otherwise", [tool({ name: "a", description: "does it" }), b]],
    ["given another schema", [tool({ name: "a", input_schema: { type: "object", required: ["x"] } }), b]],
  ])("when a tool is %s", async (_, tools) => {
    verifies("caching.tools-changed");
    expect(await kept({ tools })).toBe("nothing");
  });

  it("for another model", async () => {
    verifies("caching.by-model");
    expect(await kept({}, {}, { model: "other" })).toBe("nothing");
  });
});

it("a tool that is added at the end leaves the tools before it", async () => {
  verifies("caching.tools-changed", "caching.nothing-invalidates-what-stands-before");
  expect(await kept({ tools: [...BASE.tools, tool({ name: "c" })] })).toBe("tools");
});

describe("tools are left", () => {
  it("when the system prompt changes", async () => {
    verifies("caching.system-changed");
    expect(await kept({ system: [text("SYSTEM", marked())] })).toBe("tools");
    expect(await kept({ system: [text("a"), ...BASE.system] })).toBe("tools");
    expect(await kept({ system: undefined })).toBe("tools");
  });

  it("when web search or web fetch is switched", async () => {
    verifies("caching.web-and-citations-switched");
    const search = { type: "web_search_20250305", name: "web_search" };
    const fetch = { type: "web_fetch_20250910", name: "web_fetch" };
    expect(await switched({ tools: [...BASE.tools, search] })).toBe("tools");
    expect(await switched({ tools: [search, ...BASE.tools] })).toBe("tools");
    expect(await kept({ tools: [...BASE.tools, fetch] }, { tools: [...BASE.tools, search] })).toBe("tools");
  });

  it("when citations are switched", async () => {
    verifies("caching.web-and-citations-switched");
    const cited = (enabled: boolean): object => ({
      messages: [question, user([document({ citations: { enabled } })])],
    });
    expect(await kept(cited(true))).toBe("tools");
    expect(await kept(cited(false))).toBe("everything");
    expect(await kept({}, cited(true))).toBe("tools");
  });

  it("when the speed changes", async () => {
    verifies("caching.speed-changed");
    expect(await switched({ speed: "fast" })).toBe("tools");
    expect(await switched({ speed: "standard" })).toBe("everything");
  });

  it("when the form of the answer changes", async () => {
    verifies("caching.format-changed");
    const format = (schema: object): object => ({
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(await switched(format({ type: "object" }))).toBe("tools");
    expect(await kept(format({ type: "array" }), format({ type: "object" }))).toBe("tools");
    expect(await kept(format({ type: "object" }), format({ type: "object" }))).toBe("everything");
  });
});

describe("tools and system prompt are left", () => {
  it.each<[object | undefined, object, Kept]>([
    [undefined, { type: "auto" }, "everything"],
    [undefined, { type: "auto", disable_parallel_tool_use: false }, "everything"],
    [undefined, { type: "auto", disable_parallel_tool_use: true }, "tools and system"],
    [undefined, { type: "none" }, "tools and system"],
    [{ type: "any" }, { type: "tool", name: "a" }, "tools and system"],
    [{ type: "tool", name: "a" }, { type: "tool", name: "b" }, "tools and system"],
  ])("when tool_choice goes from %j to %j: %3$s", async (first, second, expected) => {
    verifies("caching.tool-choice-changed");
    expect(await kept({ tool_choice: second }, { tool_choice: first })).toBe(expected);
  });

  it("by the first picture, not by the next", async () => {
    verifies("caching.images-switched");
    const pictured = (count: number): object => ({
      messages: [question, assistant("ok"), user(Array(count).fill(picture))],
    });
    expect(await switched(pictured(1), { messages: [question] })).toBe("tools and system");
    expect(await kept(pictured(2), pictured(1))).toBe("everything");
    const shown = (content: object[]): object => ({
      messages: [question, assistant([call("t")]), user([result("t", { content })])],
    });
    expect(await kept(shown([picture]), shown([text("x")]))).toBe("tools and system");
  });

  it.each<[object | undefined, object | undefined]>([
    [undefined, { type: "adaptive" }],
    [undefined, { type: "disabled" }],
    [{ type: "adaptive" }, { type: "enabled", budget_tokens: 1024 }],
    [
      { type: "enabled", budget_tokens: 1024 },
      { type: "enabled", budget_tokens: 2048 },
    ],
  ])("when thinking goes from %j to %j", async (first, second) => {
    verifies("caching.thinking-and-effort-changed");
    const limit = { max_tokens: 4096 };
    expect(await kept({ thinking: second, ...limit }, { thinking: first, ...limit })).toBe(
      "tools and system",
    );
    expect(await kept({ thinking: second, ...limit }, { thinking: second, ...limit })).toBe("everything");
  });

  it("when the effort changes; not to say it is to say high", async () => {
    verifies("caching.thinking-and-effort-changed");
    expect(await switched({ output_config: { effort: "low" } })).toBe("tools and system");
    expect(await switched({ output_config: { effort: "high" } })).toBe("everything");
    expect(await switched({ output_config: {} })).toBe("everything");
  });

  it("when a summary takes the place of the history", async () => {
    verifies("caching.compaction");
    const compacted = { messages: [assistant([{ type: "compaction", content: "so far" }]), user("go on")] };
    expect(await kept(compacted)).toBe("tools and system");
  });
});

describe("what stands before is left", () => {
  const turns = (...texts: string[]): object => ({
    messages: texts.map((words, index) => {
      const block = text(words, index < 4 ? marked() : {});
      return index % 2 === 0 ? user([block]) : assistant([block]);
    }),
  });
  const read = async (first: object, second: object): Promise<number> => {
    const { ask } = testCache();
    await ask(first);
    return (await ask(second))[0];
  };

  it("of a message that was edited, removed or cut", async () => {
    verifies("caching.history-changed");
    expect(await read(turns("aa", "bb", "cc", "dd"), turns("aa", "bb", "xx", "dd"))).toBe(4);
    expect(await read(turns("aa", "bb", "cc", "dd"), turns("aa", "bb", "c"))).toBe(4);
    expect(await read(turns("aa", "bb", "cc", "dd"), turns("aa", "bb"))).toBe(4);
    expect(await read(turns("aa", "bb", "cc", "dd"), turns("xx", "bb", "cc", "dd"))).toBe(0);
  });

  it("of messages that are appended, also when the markers move or go", async () => {
    verifies("caching.nothing-invalidates-what-stands-before");
    const first = turns("aa", "bb", "cc");
    expect(await read(first, turns("aa", "bb", "cc", "dd"))).toBe(6);
    const moved = { messages: [user("aa"), assistant("bb"), user("cc"), assistant("dd")], ...marked() };
    expect(await read(first, moved)).toBe(6);
  });

  it("of an entry that has ended", async () => {
    verifies("caching.nothing-invalidates-what-stands-before");
    const { ask } = testCache();
    const layered = { system: [text("system", marked("1h"))], messages: [question] };
    await ask(layered, { at: 0 });
    expect(await ask(layered, { at: 301 })).toEqual([6, 8, 0, 0]);
  });

  it("of system messages and changes of tools that are appended, or changed later", async () => {
    verifies("caching.appending");
    const noted = (note: unknown): object => ({ messages: [question, system(note)], ...marked() });
    const addition = { type: "tool_addition", tool: { type: "tool_reference", name: "x" } };
    expect(await read({ messages: [question] }, noted("note"))).toBe(8);
    expect(await read({ messages: [question] }, noted([addition]))).toBe(8);
    expect(await read(noted("note"), noted("other"))).toBe(8);
    expect(await read(noted("note"), { messages: [question, assistant("a")] })).toBe(8);
  });

  it("of thinking that was dropped and results that were cleared", async () => {
    verifies("caching.blocks-taken-out");
    const loop = (content: string, ...thought: object[]): object => ({
      messages: [question, assistant([...thought, call("t")]), user([result("t", { content, ...marked() })])],
    });
    const thought = { type: "thinking", thinking: "so", signature: "s" };
    expect(await read(loop("long", thought), loop("long"))).toBe(8);
    expect(await read(loop("long"), loop("[cleared]"))).toBe(8);
    expect(await read(loop("long", thought), loop("long", thought))).toBe(23);
  });

  it("of thinking that the next question strips; all of it where thinking stays", async () => {
    verifies("caching.earlier-thinking");
    const thought = { type: "thinking", thinking: "so", signature: "s" };
    const loop = [question, assistant([thought, call("t")]), user([result("t", marked())])];
    const next = [...loop, assistant([text("done")]), user([text("more", marked())])];
    const stripped = (messages: object[]): object => ({
      ...withoutEarlierThinking(validated({ messages })),
      max_tokens: 1,
    });
    expect(await read({ messages: loop }, { messages: next })).toBe(23);
    expect(await read(stripped(loop), stripped(next))).toBe(8);
  });
});
