import { foldMessage, type MessageStreamEvent, type MessagesRequest } from "@ml-intern/messages";
import { describe, expect, it } from "vitest";
import { Answer } from "../answer/answer.ts";
import { messageEnd, messageStart } from "../answer/message-frame.ts";
import type { ChatToolCallDelta } from "./chat-chunk.ts";
import { ToolCalls } from "./tool-calls.ts";

type Piece = readonly [name: string | null, args: string | null, extra?: object];

const REQUEST: MessagesRequest = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };

/** The events that each piece gives. */
function write(pieces: readonly Piece[], eager = false): { steps: MessageStreamEvent[][]; calls: unknown[] } {
  let count = 0;
  const answer = new Answer({ request: REQUEST, newId: () => `toolu_${++count}`, isEager: () => eager });
  const calls = new ToolCalls(answer);
  const steps = pieces.map(([name, args, extra]) => {
    const called = { ...(name === null ? {} : { name }), ...(args === null ? {} : { arguments: args }) };
    return [...calls.push({ function: called, ...extra } as ChatToolCallDelta)];
  });
  const ending = answer.ending(null);
  steps.push([...answer.end({ cut: false })]);
  const message = foldMessage([
    messageStart({ id: "msg", model: "m", inputTokens: 1 }),
    ...steps.flat(),
    ...messageEnd({ ending, inputTokens: 1, outputTokens: 1, thinkingTokens: null }),
  ]);
  return {
    steps,
    calls: message.content.map((block) => (block.type === "tool_use" ? [block.name, block.input] : block)),
  };
}

describe.each([true, false])("a call whose arguments are whole (eager: %s)", (eager) => {
  const types = (events: readonly MessageStreamEvent[] | undefined): unknown =>
    events?.map(({ type }) => type.replace("content_block_", ""));

  it("ends with their last byte, before anything else comes", () => {
    const { steps } = write(
      [
        ["f", '{"x":', { index: 0 }],
        [null, "1", { index: 0 }],
        [null, "}", { index: 0 }],
      ],
      eager,
    );
    expect(types(steps[2])).toEqual(eager ? ["delta", "stop"] : ["delta", "delta", "stop"].slice(-2));
    expect(steps[3]).toEqual([]);
  });

  it.each<[string, Piece[]]>([
    [
      "white space",
      [
        [null, " \n", { index: 0 }],
        [null, "", { index: 0 }],
      ],
    ],
    [
      "its name again",
      [
        ["f", "", { index: 0 }],
        ["f", null, { index: 0 }],
      ],
    ],
    ["its name and id again", [["f", "", { index: 0, id: "1" }]]],
    ["its name, id and white space again", [["f", "\n", { index: 0, id: "1" }]]],
  ])("stays the same call when %s follows", (_, pieces) => {
    const { steps, calls } = write([["f", '{"x":1}', { index: 0, id: "1" }], ...pieces], eager);
    expect(types(steps[0])).toEqual(["start", "delta", "stop"]);
    expect(calls).toEqual([["f", { x: 1 }]]);
  });
});

const twice = [
  ["f", { x: 1 }],
  ["f", { x: 2 }],
];

it.each<[string, Piece[]]>([
  [
    "in one piece",
    [
      ["f", '{"x":1}', { index: 0 }],
      ["f", '{"x":2}', { index: 0 }],
    ],
  ],
  [
    "name first, then arguments, with no index of its own",
    [
      ["f", '{"x":1}', { index: 0 }],
      ["f", "", { index: 0 }],
      [null, '{"x"', { index: 0 }],
      [null, ":2}", { index: 0 }],
    ],
  ],
  [
    "with a used id",
    [
      ["f", '{"x":1}', { index: 0, id: "1" }],
      ["f", '{"x":2}', { index: 1, id: "1" }],
    ],
  ],
  [
    "with a used id, in pieces",
    [
      ["f", '{"x"', { index: 0, id: "1" }],
      [null, ":1}", { index: 0, id: "1" }],
      ["f", "", { index: 1, id: "1" }],
      [null, '{"x"', { index: 1, id: "1" }],
      [null, ":2}", { index: 1, id: "1" }],
    ],
  ],
  [
    "with a used id and no index",
    [
      ["f", '{"x":1}', { id: "1" }],
      ["f", '{"x":2}', { id: "1" }],
    ],
  ],
  [
    "told apart by index alone",
    [
      ["f", '{"x":1}', { index: 3 }],
      ["f", '{"x":2}', { index: 7 }],
    ],
  ],
])("a second call of the same tool is another call: %s", (_, pieces) => {
  expect(write(pieces).calls).toEqual(twice);
});

it("more arguments after the last bracket are an error, also when the block has ended", () => {
  expect(() =>
    write([
      ["f", '{"x":1}', { index: 0 }],
      [null, ",", { index: 0 }],
    ]),
  ).toThrow("cannot be used");
});

it("a long member leaves in pieces of a sane size, none of which ends within a character", () => {
  const text = `${"x".repeat(4085)}😀${"y".repeat(9000)}`;
  const { steps, calls } = write([["f", JSON.stringify({ text })]]);
  const deltas = steps
    .flat()
    .flatMap((event) =>
      event.type === "content_block_delta" && event.delta.type === "input_json_delta"
        ? event.delta.partial_json
        : [],
    );
  expect(deltas.length).toBe(4);
  for (const delta of deltas) {
    expect(delta.length).toBeLessThanOrEqual(4096);
    expect(delta).not.toMatch(/\p{Surrogate}/u);
  }
  expect(calls).toEqual([["f", { text }]]);
});

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

it.each(["index", "id", "index and id", "index, and a new id in each piece", "order"])(
  "calls told apart by %s arrive whole, however they are cut and whatever is repeated",
  (told) => {
    const source = numbers(told.length);
    const random = (below: number): number => Math.floor((source.next().value ?? 0) * below);
    const mark = (call: number, piece: number): object => {
      if (told === "order") return {};
      const id = told.includes("new id") ? `id-${call}-${piece}` : `id-${call}`;
      return {
        ...(told.includes("index") ? { index: call } : {}),
        ...(told.includes("id") && told !== "index" ? { id } : {}),
      };
    };
    for (let round = 0; round < 60; round++) {
      const calls = Array.from({ length: 1 + random(3) }, (_, call): [string, object] => [
        random(2) === 0 ? "same" : `tool_${call}`,
        random(4) === 0
          ? {}
          : { text: [...'é😀\\n"{}'].slice(0, random(8)).join(""), list: [call, { a: [] }] },
      ]);
      const pieces = calls.flatMap(([name, input], call): Piece[] => {
        const text = JSON.stringify(input, null, random(2));
        const cut = random(text.length);
        const rest = [text.slice(0, cut), text.slice(cut)].filter((part) => part !== "");
        const repeats =
          told.startsWith("index") && told !== "index, and a new id in each piece" && random(2) === 0;
        const head: Piece =
          random(2) === 0 ? [name, "", mark(call, 0)] : [name, rest.shift() ?? "", mark(call, 0)];
        const tail = rest.map((part, at): Piece => [repeats ? name : null, part, mark(call, at + 1)]);
        const after: Piece[] = random(3) === 0 ? [[repeats ? name : null, "\n", mark(call, 9)]] : [];
        return [head, ...tail, ...after];
      });
      expect(write(pieces, random(2) === 0).calls).toEqual(calls);
    }
  },
);
