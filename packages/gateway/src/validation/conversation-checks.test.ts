import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { refusal } from "./testing/refusal.ts";
import { assistant, call, marked, requestBody, result, system, text, user } from "./testing/request-parts.ts";

const refusalOf = (messages: readonly object[]): Promise<string | null> => refusal(requestBody({ messages }));
const thinking = { type: "thinking", thinking: "", signature: "" };

describe("content", () => {
  it.each<[string | null, object]>([
    ["messages: text content blocks must be non-empty", { messages: [user([text("")])] }],
    ["system: text content blocks must be non-empty", { system: [text("")] }],
    [
      "messages.2.content.0.text: cache_control cannot be set for empty text blocks",
      { messages: [user("a"), assistant("b"), user([text("", marked())])] },
    ],
    [
      "system.1.text: cache_control cannot be set for empty text blocks",
      { system: [text("a"), text("", marked())] },
    ],
    [null, { system: "" }],
  ])("is not empty text: %s", async (message, extra) => {
    verifies("request.empty-text");
    expect(await refusal(requestBody(extra))).toBe(message);
  });

  it("may be white space", async () => {
    verifies("request.blank-text");
    expect(
      await refusalOf([user("a"), assistant([text("\n\n"), call("t")]), user([result("t")])]),
    ).toBeNull();
  });

  it("is in every message but an assistant's at the end", async () => {
    verifies("request.empty-messages");
    const message = (index: number): string =>
      `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    expect(await refusalOf([user("")])).toBe(message(0));
    expect(await refusalOf([user([])])).toBe(message(0));
    expect(await refusalOf([user("a"), assistant([]), user("b")])).toBe(message(1));
    expect(await refusalOf([user("a"), system("")])).toBe(message(1));
    expect(await refusalOf([user("a"), assistant("")])).toBeNull();
    expect(await refusalOf([])).toBe("messages: at least one message is required");
  });

  it("belongs to its role", async () => {
    verifies("request.types");
    expect(await refusalOf([user([call("toolu_1")])])).toBe(
      "messages.0: `tool_use` blocks can only be in `assistant` messages",
    );
    expect(await refusalOf([user("a"), assistant([result("toolu_1")])])).toBe(
      "messages.1: `tool_result` blocks can only be in `user` messages",
    );
    expect(await refusalOf([user([thinking])])).toBe(
      "messages.0: `thinking` blocks can only be in `assistant` messages",
    );
  });
});

describe("system messages", () => {
  it.each<[RegExp | null, readonly object[]]>([
    [/^messages\.0: .*cannot come first/, [system("s"), user("a")]],
    [/^messages\.2: .*directly follow a `user`/, [user("a"), assistant("b"), system("s")]],
    [/^messages\.1: .*followed by an `assistant`/, [user("a"), system("s"), user("b")]],
    [/^messages\.1: .*followed by an `assistant`/, [user("a"), system("s"), system("t"), user("b")]],
    [
      /^messages\.2: .*directly follow/,
      [user("a"), assistant([call("toolu_1")]), system("s"), user([result("toolu_1")])],
    ],
    [
      /^messages\.3: .*followed by an `assistant`/,
      [
        user("a"),
        assistant([call("t1"), call("t2")]),
        user([result("t1")]),
        system("s"),
        user([result("t2")]),
      ],
    ],
    [null, [user("a"), system("s"), system([text("t")]), assistant("b"), user("c")]],
    [
      null,
      [
        user("a"),
        assistant([{ type: "web_search_tool_result", tool_use_id: "x", content: [] }]),
        system("s"),
      ],
    ],
    [null, [user("a"), assistant([call("toolu_1")]), user([result("toolu_1")]), system("s")]],
  ])("stand where they may: %s", async (message, messages) => {
    verifies("request.system-messages");
    const said = await refusalOf(messages);
    if (message) expect(said).toMatch(message);
    else expect(said).toBeNull();
  });

  it.each<[string | null, object]>([
    [null, text("s")],
    [null, text("s", marked())],
    ["`image`", { type: "image", source: { type: "url", url: "x" } }],
    ["`tool_result`", result("toolu_1")],
    ["`thinking`", thinking],
    ["`server_tool_use`", { type: "server_tool_use" }],
  ])("hold text and nothing like %s", async (kind, block) => {
    verifies("request.system-message-content");
    const message = kind && `messages.1: ${kind} blocks are not allowed in \`system\` messages`;
    expect(await refusalOf([user("a"), system([block])])).toBe(message);
  });

  it("may change the tools, which other messages may not", async () => {
    verifies("request.tool-changes", "request.system-message-content");
    const change = { type: "tool_addition", tool: { type: "tool_reference", tool_name: "f" } };
    expect(await refusalOf([user("a"), system([change, { ...change, type: "tool_removal" }])])).toBeNull();
    expect(await refusalOf([user([change])])).toBe(
      "messages.0: `tool_addition` blocks can only be in `system` messages",
    );
  });
});

describe("results of tools", () => {
  const ask = [user("a"), assistant([call("toolu_1"), call("toolu_2")])];
  const unanswered = (ids: string): string =>
    `messages.1: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;

  it("answer every call in the next turn", async () => {
    verifies("request.every-call-answered", "request.roles");
    expect(await refusalOf(ask)).toBe(unanswered("toolu_1, toolu_2"));
    expect(await refusalOf([...ask, user("no")])).toBe(unanswered("toolu_1, toolu_2"));
    expect(await refusalOf([...ask, user([result("toolu_2")])])).toBe(unanswered("toolu_1"));
    expect(await refusalOf([...ask, user([result("toolu_2")]), assistant("b"), user("c")])).toBe(
      unanswered("toolu_1"),
    );
    expect(await refusalOf([...ask, user([result("toolu_2"), result("toolu_1")])])).toBeNull();
    expect(await refusalOf([...ask, user([result("toolu_1")]), user([result("toolu_2")])])).toBeNull();
    const split = [user("a"), assistant([call("toolu_1")]), assistant([call("toolu_2")])];
    expect(await refusalOf([...split, user([result("toolu_1"), result("toolu_2")])])).toBeNull();
  });

  it("answer one call of the turn before", async () => {
    verifies("request.results-match-calls");
    expect(await refusalOf([user([result("toolu_9")])])).toBe(
      "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
    );
    expect(await refusalOf([...ask, user([result("toolu_1"), result("toolu_2"), result("toolu_1")])])).toBe(
      "messages.2.content.2: each tool_use must have a single result. Found multiple `tool_result` blocks with id: toolu_1",
    );
    expect(await refusalOf([user("a"), assistant([call("t"), call("t")]), user([result("t")])])).toBe(
      "messages.1.content.1: `tool_use` ids must be unique",
    );
    const later = [...ask, user([result("toolu_1"), result("toolu_2")]), assistant("b")];
    expect(await refusalOf([...later, user([result("toolu_1")])])).toMatch(
      /^messages\.4\.content\.0: unexpected/,
    );
  });

  it("stand before everything else", async () => {
    verifies("request.results-first");
    const results = [result("toolu_1"), result("toolu_2")];
    expect(await refusalOf([...ask, user([text("x"), ...results])])).toBe(unanswered("toolu_1, toolu_2"));
    expect(await refusalOf([...ask, user([results[0], text("x"), results[1]])])).toBe(unanswered("toolu_2"));
    expect(await refusalOf([...ask, user([...results, text("x")])])).toBeNull();
  });

  it("may say INVALID_JSON, and a call may come back with a partial input", async () => {
    verifies("tool-stream.invalid-json-answer");
    const invalid = result("toolu_1", { is_error: true, content: '{"INVALID_JSON":"{\\"a\\":"}' });
    expect(await refusalOf([user("a"), assistant([call("toolu_1")]), user([invalid])])).toBeNull();
  });
});
