import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { refusal } from "./testing/refusal.ts";
import {
  assistant,
  call,
  document,
  marked,
  requestBody,
  result,
  text,
  tool,
  user,
} from "./testing/request-parts.ts";

const mark = text("x", marked());
const refusalOf = (extra: object): Promise<string | null> => refusal(requestBody(extra));

describe("a cache marker", () => {
  it.each<[string | null, object]>([
    [
      "messages.0.content.0.text.cache_control: Input tag 'x' found using 'type' does not match any of the expected tags: 'ephemeral'",
      { messages: [user([text("x", { cache_control: { type: "x" } })])] },
    ],
    [
      "messages.0.content.0.text.cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
      { messages: [user([text("x", marked("2h"))])] },
    ],
    ["cache_control.ephemeral.ttl: Input should be '5m' or '1h'", marked("2h")],
    ["system.0.cache_control.type: Field required", { system: [text("x", { cache_control: {} })] }],
    [null, { messages: [user([text("x", { cache_control: null })])], cache_control: null }],
    [
      "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
      {
        messages: [user("a"), assistant([{ type: "thinking", thinking: "", signature: "", ...marked() }])],
      },
    ],
    [
      "messages.1.content.0.redacted_thinking.cache_control: Extra inputs are not permitted",
      { messages: [user("a"), assistant([{ type: "redacted_thinking", data: "x", ...marked() }])] },
    ],
    [
      null,
      {
        messages: [
          user("a"),
          assistant([{ type: "thinking", thinking: "", signature: "", cache_control: null }, text("b")]),
          user("c"),
        ],
      },
    ],
  ])("is ephemeral, for five minutes or an hour, and not on thinking: %s", async (message, extra) => {
    verifies("request.cache-control-shape");
    expect(await refusalOf(extra)).toBe(message);
  });

  it.each<[string, object]>([
    ["a tool", { tools: [tool(marked())] }],
    ["a typed tool", { tools: [{ type: "bash_20250124", name: "bash", ...marked() }] }],
    ["system text", { system: [mark] }],
    ["text", { messages: [user([mark])] }],
    ["a picture", { messages: [user([{ type: "image", source: { type: "url", url: "x" }, ...marked() }])] }],
    ["a document", { messages: [user([document(marked())])] }],
    [
      "a call and its result",
      { messages: [user("a"), assistant([call("t", marked())]), user([result("t", marked())])] },
    ],
    ["the request", marked()],
  ])("may stand on %s", async (_, extra) => {
    verifies("request.cache-control-places");
    expect(await refusalOf(extra)).toBeNull();
  });
});

describe("cache markers", () => {
  const five = "A maximum of 4 blocks with cache_control may be provided. Found 5.";

  it("are four at most, in tools, system and messages together", async () => {
    verifies("request.four-markers");
    const system = [mark, mark];
    expect(await refusalOf({ system, messages: [user([mark, mark])] })).toBeNull();
    expect(await refusalOf({ tools: [tool(marked())], system, messages: [user([mark, mark])] })).toBe(five);
  });

  it("count within a tool's result too", async () => {
    verifies("request.nested-markers-count");
    const messages = (count: number): object => ({
      system: [mark],
      messages: [
        user("a"),
        assistant([call("t")]),
        user([result("t", { content: Array(count).fill(mark), ...marked() })]),
      ],
    });
    expect(await refusalOf(messages(2))).toBeNull();
    expect(await refusalOf(messages(3))).toBe(five);
  });

  it("for an hour stand before those for five minutes, where no ttl means five minutes", async () => {
    verifies("request.ttl-order");
    const message = (path: string): string =>
      `${path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`;
    const hour = text("y", marked("1h"));
    expect(await refusalOf({ system: [hour], messages: [user([mark, hour])] })).toBe(
      message("messages.0.content.1"),
    );
    expect(await refusalOf({ tools: [tool(marked("5m"))], system: [hour] })).toBe(message("system.0"));
    expect(await refusalOf({ tools: [tool(marked("1h"))], system: [mark] })).toBeNull();
  });

  it("on the request take one place, or none where the last block has it already", async () => {
    verifies("request.automatic-cache");
    const system = [mark, mark];
    expect(await refusalOf({ system, messages: [user([mark, mark, text("y")])], ...marked() })).toBe(five);
    expect(await refusalOf({ system, messages: [user([mark, text("y")])], ...marked() })).toBeNull();
    expect(await refusalOf({ system, messages: [user([mark, mark])], ...marked("5m") })).toBeNull();
    expect(await refusalOf({ messages: [user([mark])], ...marked("1h") })).toBe(
      "cache_control: the last block already has a cache_control with a different ttl",
    );
  });
});
