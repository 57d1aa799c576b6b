import {
  type ContentBlock,
  foldMessage,
  type Message,
  type MessageStreamEvent,
  type MessagesRequest,
} from "@ml-intern/messages";
import { type OpenAiChunk, openAiChunk, openAiUsageChunk } from "@ml-intern/testkit";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../gateway-error.ts";
import type { ChatChunk } from "./chat-chunk.ts";
import { messageEvents } from "./message-events.ts";

const REQUEST: MessagesRequest = { model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };

interface Options {
  readonly request?: Partial<MessagesRequest>;
  readonly eager?: boolean;
}

async function translate(
  chunks: readonly OpenAiChunk[],
  { request, eager = false }: Options = {},
): Promise<{ events: readonly MessageStreamEvent[]; message: Message; error: GatewayError | null }> {
  let count = 0;
  const events: MessageStreamEvent[] = [];
  const options = {
    request: { ...REQUEST, ...request },
    newId: (prefix: string) => `${prefix}_${++count}`,
    isEager: () => eager,
  };
  let error: GatewayError | null = null;
  try {
    for await (const batch of messageEvents(arriving(chunks), options)) events.push(...batch);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    error = thrown;
  }
  const stop: MessageStreamEvent[] = error ? [{ type: "message_stop" }] : [];
  const open = error ? openBlock(events) : [];
  return { events, message: foldMessage([...events, ...open, ...stop]), error };
}

async function* arriving(chunks: readonly OpenAiChunk[]): AsyncGenerator<readonly ChatChunk[]> {
  for (const chunk of chunks) yield [chunk as ChatChunk];
}

function openBlock(events: readonly MessageStreamEvent[]): MessageStreamEvent[] {
  const last = events.findLast((event) => event.type.startsWith("content_block"));
  if (!last || last.type === "content_block_stop" || !("index" in last)) return [];
  return [{ type: "content_block_stop", index: last.index }];
}

const text = (content: string): OpenAiChunk => openAiChunk({ content });
const finish = (reason: string): OpenAiChunk => openAiChunk({}, reason);
const call = (name: string | null, args: string | object | null, extra: object = {}): OpenAiChunk =>
  openAiChunk({
    tool_calls: [
      {
        function: { ...(name === null ? {} : { name }), ...(args === null ? {} : { arguments: args }) },
        ...extra,
      },
    ],
  });

function brief(content: readonly ContentBlock[]): unknown[] {
  return content.map((block) => {
    if (block.type === "text") return block.text;
    return block.type === "tool_use" ? [block.name, block.input] : block.type;
  });
}

describe("tool calls", () => {
  const both = [
    ["a", { x: 1 }],
    ["b", { y: [2] }],
  ];
  it.each<[string, OpenAiChunk[], unknown[]]>([
    [
      "with the name first and arguments in pieces",
      [
        call("a", "", { index: 0, id: "1" }),
        call(null, '{"x"', { index: 0 }),
        call(null, ":1}", { index: 0 }),
      ],
      [["a", { x: 1 }]],
    ],
    [
      "with name and arguments in the first piece",
      [call("a", '{"x":1}', { index: 0, id: "1" })],
      [["a", { x: 1 }]],
    ],
    ["with arguments as an object", [call("a", { x: 1 }, { index: 0, id: "1" })], [["a", { x: 1 }]]],
    ["without index or id", [call("a", '{"x":1}'), call("b", '{"y":[2]}')], both],
    [
      "without index, in pieces",
      [call("a", '{"x"'), call(null, ":1}"), call("b", '{"y":'), call(null, "[2]}")],
      both,
    ],
    [
      "all with index 0, told apart by id",
      [call("a", '{"x":1}', { index: 0, id: "1" }), call("b", '{"y":[2]}', { index: 0, id: "2" })],
      both,
    ],
    [
      "all with index 0 and no id",
      [call("a", '{"x":1}', { index: 0 }), call("b", '{"y":[2]}', { index: 0 })],
      both,
    ],
    [
      "twice the same, index 0 and no id",
      [call("a", '{"x":1}', { index: 0 }), call("a", '{"x":2}', { index: 0 })],
      [
        ["a", { x: 1 }],
        ["a", { x: 2 }],
      ],
    ],
    [
      "with indices from 1 and a gap",
      [call("a", '{"x":1}', { index: 1, id: "1" }), call("b", '{"y":[2]}', { index: 5, id: "2" })],
      both,
    ],
    [
      "with a new id in every piece",
      [
        call("a", "", { index: 0, id: "1" }),
        call(null, '{"x"', { index: 0, id: "2" }),
        call(null, ":1}", { index: 0, id: "3" }),
      ],
      [["a", { x: 1 }]],
    ],
    [
      "with the name in every piece",
      [
        call("a", '{"x"', { index: 0, id: "1" }),
        call("a", ":1}", { index: 0, id: "1" }),
        call("b", '{"y"', { index: 1 }),
        call("b", ":[2]}", { index: 1 }),
      ],
      both,
    ],
    [
      "with the name in pieces",
      [
        call("get_", "", { index: 0, id: "1" }),
        call("time", "", { index: 0 }),
        call(null, "{}", { index: 0 }),
      ],
      [["get_time", {}]],
    ],
    [
      "interleaved",
      [
        call("a", "", { index: 0, id: "1" }),
        call("b", "", { index: 1, id: "2" }),
        call(null, '{"y":', { index: 1 }),
        call(null, '{"x"', { index: 0 }),
        call(null, "[2]}", { index: 1 }),
        call(null, ":1}", { index: 0 }),
      ],
      both,
    ],
    [
      "in one piece",
      [
        openAiChunk({
          tool_calls: [
            { index: 0, id: "1", function: { name: "a", arguments: '{"x":1}' } },
            { index: 1, id: "2", function: { name: "b", arguments: '{"y":[2]}' } },
          ],
        }),
      ],
      both,
    ],
    [
      "in the old form",
      [
        openAiChunk({ function_call: { name: "a", arguments: "" } }),
        openAiChunk({ function_call: { arguments: '{"x":1}' } }),
      ],
      [["a", { x: 1 }]],
    ],
    [
      "with text around them",
      [
        text("Before."),
        call("a", '{"x":1}', { index: 0 }),
        text("Between."),
        call("b", '{"y":[2]}', { index: 1 }),
        text("After."),
      ],
      ["Before.", both[0], "Between.", both[1], "After."],
    ],
    [
      "with empty and blank text around them",
      [text(""), text("\n\n"), call("a", '{"x":1}', { index: 0 }), text("\n"), text("")],
      [["a", { x: 1 }]],
    ],
    [
      "with arguments that are JSON within a string",
      [call("a", '"{\\"x\\":'), call(null, '1}"')],
      [["a", { x: 1 }]],
    ],
  ])("%s", async (_, chunks, expected) => {
    for (const reason of ["tool_calls", "stop"]) {
      const { events, message, error } = await translate([...chunks, finish(reason)]);
      expect(error).toBeNull();
      expect(brief(message.content)).toEqual(expected);
      expect(message.stop_reason).toBe("tool_use");
      expect(events.filter((event) => event.type === "content_block_start")).toHaveLength(expected.length);
    }
  });

  it.each([
    [call("a", "")],
    [call("a", null)],
    [call("a", "null")],
    [call("a", " "), call(null, "\n")],
    [call("a", "{}")],
  ])("without arguments have one delta, {}", async (...chunks) => {
    const { events } = await translate([...chunks, finish("tool_calls")]);
    const deltas = events.filter((event) => event.type === "content_block_delta");
    expect(deltas.map(({ delta }) => delta)).toEqual([{ type: "input_json_delta", partial_json: "{}" }]);
  });

  it("have ids of our own, each its own", async () => {
    const { message } = await translate([
      call("a", "{}", { id: "same" }),
      call("b", "{}"),
      finish("tool_calls"),
    ]);
    expect(message.content).toMatchObject([{ id: "toolu_2" }, { id: "toolu_3" }]);
  });

  it("end as soon as the next one begins", async () => {
    const { events } = await translate(
      [
        call("a", '{"x":1}', { index: 0 }),
        call("b", '{"y"', { index: 1 }),
        call(null, ":1}", { index: 1 }),
        finish("stop"),
      ],
      { eager: true },
    );
    expect(events.map((event) => ("index" in event ? `${event.type} ${event.index}` : event.type))).toEqual([
      "message_start",
      "content_block_start 0",
      "content_block_delta 0",
      "content_block_stop 0",
      "content_block_start 1",
      "content_block_delta 1",
      "content_block_delta 1",
      "content_block_stop 1",
      "message_delta",
      "message_stop",
    ]);
  });

  it("after the first are left out when parallel calls are off", async () => {
    const request = { tool_choice: { type: "auto", disable_parallel_tool_use: true } } as const;
    const chunks = [
      call("a", '{"x"', { index: 0 }),
      call("b", "{}", { index: 1 }),
      call(null, ":1}", { index: 0 }),
      finish("tool_calls"),
    ];
    expect(brief((await translate(chunks, { request })).message.content)).toEqual([["a", { x: 1 }]]);
  });

  it("after the first are left out even where only their order tells them apart", async () => {
    const request = { tool_choice: { type: "auto", disable_parallel_tool_use: true } } as const;
    const chunks = [
      call("a", '{"x"'),
      call(null, ":1}"),
      call("b", '{"y"'),
      call(null, ":2}"),
      finish("tool_calls"),
    ];
    expect(brief((await translate(chunks, { request })).message.content)).toEqual([["a", { x: 1 }]]);
  });

  it("that never get a name are an error, not silence", async () => {
    const { error } = await translate([call(null, '{"x":1}', { index: 0, id: "1" }), finish("tool_calls")]);
    expect(error).toMatchObject({
      code: "malformed_tool_arguments",
      message: expect.stringContaining("never got a name"),
    });
  });

  it("that are demanded come without text before them; without a call the text is kept", async () => {
    const request = { tool_choice: { type: "any" } } as const;
    const called = await translate([text("Sure!"), call("a", "{}"), finish("stop")], { request });
    expect(brief(called.message.content)).toEqual([["a", {}]]);
    const said = await translate([text("I "), text("won't."), finish("stop")], { request });
    expect(brief(said.message.content)).toEqual(["I won't."]);
  });
});

describe("arguments", () => {
  const pieces = ['{"path":"a', '.txt","bo', 'dy":"x","n":1', "2,", '"l":[1,', "2]", "}"].map((piece) =>
    call("f", piece, { index: 0 }),
  );
  const released = async (eager: boolean): Promise<string[]> => {
    const { events } = await translate([...pieces, finish("tool_calls")], { eager });
    return events.flatMap((event) =>
      event.type === "content_block_delta" && event.delta.type === "input_json_delta"
        ? event.delta.partial_json
        : [],
    );
  };

  it("leave one whole member at a time", async () => {
    expect(await released(false)).toEqual(['{"path":"a.txt"', ',"body":"x"', ',"n":12', ',"l":[1,2]', "}"]);
  });

  it("leave as they come where the client asked for it", async () => {
    expect(await released(true)).toEqual([
      '{"path":"a',
      '.txt","bo',
      'dy":"x","n":1',
      "2,",
      '"l":[1,',
      "2]",
      "}",
    ]);
  });

  it.each([true, false])("that lack only closing brackets are closed (eager: %s)", async (eager) => {
    const { message, error } = await translate([call("f", '{"a":{"b":["x"'), finish("tool_calls")], {
      eager,
    });
    expect(error).toBeNull();
    expect(message.content[0]).toMatchObject({ input: { a: { b: ["x"] } } });
  });

  it.each([
    '{"a":"cut in a str',
    '{"a":1',
    '{"a":',
    '{"a":"x",',
    "{",
    '{"a":True}',
    "{'a':1}",
    '{"a":1}}',
    "[1]",
    "plain words",
    '"not an object"',
  ])(
    "that cannot be mended without inventing are an error, and no byte of the fault leaves: %s",
    async (args) => {
      for (const eager of [true, false]) {
        const { events, error } = await translate([call("f", args), finish("tool_calls")], { eager });
        expect(error).toMatchObject({ code: "malformed_tool_arguments", type: "api_error" });
        expect(error?.message).toContain("the tool f");
        expect(events.some(({ type }) => type === "message_delta")).toBe(false);
      }
    },
  );

  it("cut off by the limit stay cut: eager ones as they came, others after a whole member", async () => {
    const chunks = [call("f", '{"path":"a.txt","body":"hello wor'), finish("length")];
    for (const eager of [true, false]) {
      const { events, message } = await translate(chunks, { eager });
      expect(message).toMatchObject({ stop_reason: "max_tokens", content: [{ input: { path: "a.txt" } }] });
      const sent = events.flatMap((event) => (event.type === "content_block_delta" ? [event.delta] : []));
      const json = eager ? '{"path":"a.txt","body":"hello wor' : '{"path":"a.txt"';
      expect(sent).toEqual([{ type: "input_json_delta", partial_json: json }]);
    }
    const none = await translate([call("f", ""), finish("length")]);
    expect(none.message).toMatchObject({ stop_reason: "max_tokens", content: [{ name: "f", input: {} }] });
  });
});

describe("thinking", () => {
  it.each(["reasoning_content", "reasoning"])(
    "in %s becomes a block with one signature at its end",
    async (field) => {
      const { events, message } = await translate([
        openAiChunk({ [field]: "Let me " }),
        openAiChunk({ [field]: "see." }),
        text("Hi"),
        finish("stop"),
      ]);
      expect(message.content).toEqual([
        { type: "thinking", thinking: "Let me see.", signature: expect.stringMatching(/^\S{40,}$/) },
        { type: "text", text: "Hi" },
      ]);
      expect(
        events.flatMap((event) => (event.type === "content_block_delta" ? event.delta.type : [])),
      ).toEqual(["thinking_delta", "thinking_delta", "signature_delta", "text_delta"]);
    },
  );

  it("is left out when disabled, and only signed when its display is omitted", async () => {
    const chunks = [openAiChunk({ reasoning: "hm" }), text("Hi"), finish("stop")];
    const disabled = await translate(chunks, { request: { thinking: { type: "disabled" } } });
    expect(brief(disabled.message.content)).toEqual(["Hi"]);
    const omitted = await translate(chunks, {
      request: { thinking: { type: "adaptive", display: "omitted" } },
    });
    expect(omitted.message.content[0]).toEqual({
      type: "thinking",
      thinking: "",
      signature: expect.stringMatching(/\S{40}/),
    });
  });
});

describe("the end", () => {
  it.each<[string, string | null, OpenAiChunk[], object]>([
    ["stop", "end_turn", [text("a")], {}],
    ["length", "max_tokens", [text("a")], {}],
    [
      "content_filter",
      "refusal",
      [text("a")],
      { stop_details: { type: "refusal", category: null, explanation: null } },
    ],
    [
      "stop",
      "refusal",
      [openAiChunk({ refusal: "I can" }), openAiChunk({ refusal: "not." })],
      {
        stop_details: { type: "refusal", category: null, explanation: "I cannot." },
        content: [{ text: "I cannot." }],
      },
    ],
    ["eos", "end_turn", [text("a")], {}],
    ["stop", "end_turn", [], { content: [] }],
  ])("by %s is %s", async (reason, expected, chunks, rest) => {
    const { message } = await translate([...chunks, finish(reason)]);
    expect(message).toMatchObject({ stop_reason: expected, stop_sequence: null, ...rest });
  });

  it("counts what comes after the finish reason", async () => {
    const usage = {
      prompt_tokens: 70,
      completion_tokens: 9,
      completion_tokens_details: { reasoning_tokens: 4 },
    };
    const { message } = await translate([text("a"), finish("stop"), openAiUsageChunk(usage)]);
    expect(message.usage).toMatchObject({
      input_tokens: 70,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    });
  });

  it("estimates what is never counted", async () => {
    const { message } = await translate([text("12345678"), call("f", '{"a":1}'), finish("stop")]);
    expect(message.usage.output_tokens).toBe(4);
    expect(message.usage.input_tokens).toBeGreaterThan(0);
  });
});

describe("a stop sequence", () => {
  const request = { stop_sequences: ["END", "\n\nHuman:"] };
  it("is found across pieces, named, and left out", async () => {
    for (const chunks of [["one E", "N", "D two"], ["one END two"], ["one ", "\n\nHum", "an", ": x END"]]) {
      const { message } = await translate([...chunks.map(text), finish("stop")], { request });
      expect(message.stop_reason).toBe("stop_sequence");
      expect(message.content).toEqual([{ type: "text", text: "one " }]);
      expect(request.stop_sequences).toContain(message.stop_sequence);
    }
  });

  it("that only began is text", async () => {
    const { message } = await translate([text("one EN"), text("E \n\nHuma"), finish("stop")], { request });
    expect(message).toMatchObject({
      stop_reason: "end_turn",
      stop_sequence: null,
      content: [{ text: "one ENE \n\nHuma" }],
    });
  });

  it("ends the reading of the endpoint", async () => {
    let left = false;
    async function* endless(): AsyncGenerator<readonly ChatChunk[]> {
      try {
        for (;;) yield [text("x END y") as ChatChunk];
      } finally {
        left = true;
      }
    }
    const options = { request: { ...REQUEST, ...request }, newId: () => "id", isEager: () => false };
    for await (const _ of messageEvents(endless(), options));
    expect(left).toBe(true);
  });
});
