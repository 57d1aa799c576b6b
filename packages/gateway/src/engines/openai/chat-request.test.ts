import type { MessagesRequest } from "@ml-intern/messages";
import { describe, expect, it } from "vitest";
import { chatRequest } from "./chat-request.ts";

type Part = Partial<MessagesRequest>;

function chat(part: Part, replayThinking = false): ReturnType<typeof chatRequest> {
  const request = {
    model: "m",
    max_tokens: 9,
    messages: [{ role: "user", content: "hi" }],
    ...part,
  } as const;
  return chatRequest(request, { replayThinking });
}

const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } } as const;
const use = (id: string, input = {}) => ({ type: "tool_use", id, name: "f", input }) as const;

describe("a conversation", () => {
  it("keeps system text, pictures and documents", () => {
    const { messages } = chat({
      system: [
        { type: "text", text: "You are terse.", cache_control: { type: "ephemeral" } },
        { type: "text", text: "Be kind." },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Look:" },
            png,
            { type: "image", source: { type: "url", url: "https://h/x.png" } },
            {
              type: "document",
              title: "Notes",
              source: { type: "text", media_type: "text/plain", data: "n" },
            },
            { type: "document", source: { type: "base64", media_type: "text/csv", data: "YSxi" } },
            { type: "search_result", title: "T", source: "s", content: [{ type: "text", text: "found" }] },
          ],
        },
      ],
    });
    expect(messages).toEqual([
      { role: "system", content: "You are terse.\n\nBe kind." },
      {
        role: "user",
        content: [
          { type: "text", text: "Look:" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "image_url", image_url: { url: "https://h/x.png" } },
          { type: "text", text: "# Notes" },
          { type: "text", text: "n" },
          { type: "text", text: "a,b" },
          { type: "text", text: "T (s)" },
          { type: "text", text: "found" },
        ],
      },
    ]);
  });

  it("keeps parallel calls, their results in order, errors and what follows them", () => {
    const { messages } = chat({
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: [{ type: "text", text: "Now." }, use("toolu_1", { a: [1] }), use("toolu_2")],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_2", content: "no such file", is_error: true },
            { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "see" }, png] },
            { type: "text", text: "and now?" },
          ],
        },
      ],
    });
    expect(messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: "Now.",
        tool_calls: [
          { id: "toolu_1", type: "function", function: { name: "f", arguments: '{"a":[1]}' } },
          { id: "toolu_2", type: "function", function: { name: "f", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "toolu_2", content: "Error: no such file" },
      { role: "tool", tool_call_id: "toolu_1", content: "see" },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "text", text: "and now?" },
        ],
      },
    ]);
  });

  it("joins neighbours of one role, and turns later system messages into reminders", () => {
    const { messages } = chat({
      messages: [
        { role: "user", content: "a" },
        { role: "user", content: [{ type: "text", text: "b" }] },
        { role: "system", content: "The date has changed." },
        { role: "assistant", content: "c" },
        { role: "assistant", content: [use("toolu_1")] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] },
        { role: "user", content: "d" },
      ],
    });
    expect(messages).toEqual([
      { role: "user", content: "a\n\nb\n\n<system-reminder>\nThe date has changed.\n</system-reminder>" },
      {
        role: "assistant",
        content: "c",
        tool_calls: [{ id: "toolu_1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "toolu_1", content: "" },
      { role: "user", content: "d" },
    ]);
  });

  it("drops earlier thinking, or gives it back when asked to", () => {
    const messages = [
      { role: "user", content: "a" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hmm", signature: "s" },
          { type: "redacted_thinking", data: "x" },
          { type: "text", text: "b" },
        ],
      },
      { role: "user", content: "c" },
    ] as const;
    expect(chat({ messages }).messages[1]).toEqual({ role: "assistant", content: "b" });
    const replayed = { role: "assistant", content: "b", reasoning_content: "hmm" };
    expect(chat({ messages }, true).messages[1]).toEqual(replayed);
  });

  it.each<[RegExp, Part]>([
    [
      /assistant message prefill/,
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
        ],
      },
    ],
    [
      /^messages\.0\.content\.0\.source: application\/pdf documents cannot be sent/,
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "document", source: { type: "base64", media_type: "application/pdf", data: "" } },
            ],
          },
        ],
      },
    ],
    [
      /^messages\.0\.content\.0: `container_upload` blocks cannot be sent/,
      { messages: [{ role: "user", content: [{ type: "container_upload" } as never] }] },
    ],
    [/^tools\.0: tools of type 'bash_20250124'/, { tools: [{ type: "bash_20250124", name: "bash" }] }],
  ])("is refused with 400 where it cannot be said: %s", (message, part) => {
    expect(() => chat(part)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringMatching(message) }),
    );
  });
});

describe("tools", () => {
  const tool = { name: "f", description: "d", input_schema: { type: "object" }, strict: true } as const;
  const sent = {
    type: "function",
    function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
  };

  it.each([
    [undefined, {}],
    [{ type: "auto" }, { tool_choice: "auto" }],
    [{ type: "none" }, { tool_choice: "none" }],
    [{ type: "any" }, { tool_choice: "required" }],
    [{ type: "tool", name: "f" }, { tool_choice: { type: "function", function: { name: "f" } } }],
    [
      { type: "auto", disable_parallel_tool_use: true },
      { tool_choice: "auto", parallel_tool_calls: false },
    ],
  ] as const)("with the choice %j are sent with %j", (choice, expected) => {
    const { tools, tool_choice, parallel_tool_calls } = chat({
      tools: [tool],
      ...(choice ? { tool_choice: choice } : {}),
    });
    expect(JSON.parse(JSON.stringify({ tools, tool_choice, parallel_tool_calls }))).toEqual({
      tools: [sent],
      ...expected,
    });
  });

  it("that are deferred are sent once a result has named them", () => {
    const tools = [{ ...tool, defer_loading: true }];
    expect(chat({ tools }).tools).toBeUndefined();
    const content = [
      { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "f" }] },
    ] as const;
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: [use("toolu_1")] },
      { role: "user", content },
    ] as const;
    expect(chat({ tools, messages }).tools).toHaveLength(1);
  });
});

it("stop sequences stay here, sampling goes along", () => {
  expect(chat({ stop_sequences: ["x"], temperature: 0.5, top_p: 0.9, top_k: 3 })).toEqual({
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 9,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 3,
  });
});
