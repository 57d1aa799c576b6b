import type { MessagesRequest } from "@ml-intern/messages";
import { describe, expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { estimateTokens } from "../../engines/estimate-tokens.ts";
import { randomNumbers } from "../../limits/testing/random-numbers.ts";
import { SEED_REQUESTS } from "../../validation/fuzz/seed-requests.ts";
import { requestBody } from "../../validation/testing/request-parts.ts";
import { validated } from "../testing/test-cache.ts";
import { type Divergence, diagnose } from "./diagnose.ts";
import { takeFingerprint } from "./fingerprint.ts";

const TURN_1 = {
  model: "m",
  max_tokens: 100,
  tools: [
    { name: "look", input_schema: { type: "object", properties: { a: {}, b: {} } } },
    { name: "list", input_schema: { type: "object" } },
  ],
  system: [{ type: "text", text: "You count pumpkins." }],
  messages: [{ role: "user", content: "How many pumpkins are there?" }],
};
const ANSWER = {
  role: "assistant",
  content: [
    { type: "text", text: "I look." },
    { type: "tool_use", id: "toolu_1", name: "look", input: { a: 1, b: 2 } },
  ],
};
const RESULT = { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "7" }] };
const TURN_2 = { ...TURN_1, messages: [...TURN_1.messages, ANSWER, RESULT] };

function compared(
  one: object,
  other: object,
  models: readonly [string, string] = ["e/m", "e/m"],
): Divergence | null {
  const [before, now] = [
    takeFingerprint(validated(one), models[0]),
    takeFingerprint(validated(other), models[1]),
  ];
  return diagnose(now.fingerprint, before.fingerprint);
}

function missedOf(found: Divergence | null): unknown {
  return found && "cache_missed_input_tokens" in found.reason ? found.reason.cache_missed_input_tokens : null;
}

const reasonOf = (one: object, other: object): string | null => compared(one, other)?.reason.type ?? null;

describe("nothing differs", () => {
  const text = { type: "text", text: "How many pumpkins are there?" };
  const ephemeral = { cache_control: { type: "ephemeral" } };

  it.each<[string, object]>([
    ["in the same request", TURN_1],
    ["when turns are appended", TURN_2],
    [
      "when a block is appended to the last message",
      { ...TURN_1, messages: [{ role: "user", content: [text, { type: "text", text: "Hurry." }] }] },
    ],
    [
      "when the same is said in a second message",
      { ...TURN_1, messages: [...TURN_1.messages, { role: "user", content: "Hurry." }] },
    ],
    [
      "when a string becomes a block with a marker",
      { ...TURN_1, messages: [{ role: "user", content: [{ ...text, ...ephemeral }] }] },
    ],
    ["when the system prompt becomes a string", { ...TURN_1, system: "You count pumpkins." }],
    [
      "when markers move",
      { ...TURN_1, tools: [TURN_1.tools[0], { ...TURN_1.tools[1], ...ephemeral }], ...ephemeral },
    ],
    [
      "when Claude Code's line about itself does",
      {
        ...TURN_1,
        system: [
          { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330.f4d;" },
          ...TURN_1.system,
        ],
      },
    ],
    [
      "when fields do that are no part of the prompt",
      {
        ...TURN_1,
        max_tokens: 7,
        stream: true,
        metadata: { user_id: "u" },
        stop_sequences: ["x"],
        diagnostics: {},
      },
    ],
    [
      "when a default is written out",
      { ...TURN_1, tool_choice: { type: "auto" }, output_config: { effort: "high" }, speed: "standard" },
    ],
    [
      "when a tool is added whose loading is deferred",
      {
        ...TURN_1,
        tools: [...TURN_1.tools, { name: "z", defer_loading: true, input_schema: { type: "object" } }],
      },
    ],
  ])("%s", (_, request) => {
    verifies("diagnostics.same-prompt");
    expect(compared(TURN_1, request)).toBeNull();
  });

  it("when a call comes back with its keys in another order, and its result as blocks", () => {
    verifies("diagnostics.same-prompt");
    const call = {
      type: "tool_use",
      name: "look",
      id: "toolu_1",
      caller: { type: "direct" },
      input: { b: 2, a: 1 },
    };
    const result = {
      ...RESULT.content[0],
      is_error: false,
      content: [{ type: "text", text: "7" }],
    };
    const replayed = [
      TURN_1.messages[0],
      { role: "assistant", content: [ANSWER.content[0], call] },
      { role: "user", content: [result] },
    ];
    expect(compared(TURN_2, { ...TURN_2, messages: replayed })).toBeNull();
  });
});

describe("the reason is", () => {
  it.each<[string, string, object, object | null]>([
    [
      "system_changed",
      "for another system prompt",
      { system: "You count gourds." },
      { section: "system", block: 0 },
    ],
    [
      "system_changed",
      "for one that goes on",
      { system: [...TURN_1.system, { type: "text", text: "Today is Sunday." }] },
      { section: "system", block: 1 },
    ],
    ["system_changed", "for none", { system: [] }, { section: "system", block: 0 }],
    [
      "tools_changed",
      "for tools in another order",
      { tools: TURN_1.tools.toReversed() },
      { section: "tools", block: 0 },
    ],
    [
      "tools_changed",
      "for one more",
      { tools: [...TURN_1.tools, { name: "z", input_schema: { type: "object" } }] },
      { section: "tools", block: 2 },
    ],
    ["tools_changed", "for one less", { tools: TURN_1.tools.slice(0, 1) }, { section: "tools", block: 1 }],
    [
      "tools_changed",
      "for a schema that is written in another order",
      {
        tools: [
          { name: "look", input_schema: { type: "object", properties: { b: {}, a: {} } } },
          TURN_1.tools[1],
        ],
      },
      { section: "tools", block: 0 },
    ],
    [
      "messages_changed",
      "for an earlier message that is edited",
      { messages: [{ role: "user", content: "How many pumpkins?" }, ANSWER, RESULT] },
      { section: "messages", block: 0 },
    ],
    [
      "messages_changed",
      "for a result that is cleared",
      {
        messages: [
          TURN_1.messages[0],
          ANSWER,
          { role: "user", content: [{ ...RESULT.content[0], content: "" }] },
        ],
      },
      { section: "messages", block: 3 },
    ],
    [
      "messages_changed",
      "for a history that ends earlier",
      { messages: TURN_1.messages },
      { section: "messages", block: 1 },
    ],
    ["unavailable", "for another tool_choice", { tool_choice: { type: "any" } }, null],
    [
      "unavailable",
      "for calls one by one",
      { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      null,
    ],
    ["unavailable", "for other thinking", { thinking: { type: "adaptive" } }, null],
    ["unavailable", "for another effort", { output_config: { effort: "low" } }, null],
    [
      "unavailable",
      "for another form of the answer",
      { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
      null,
    ],
  ])("%s %s", (type, _, change, at) => {
    verifies("diagnostics.reasons", "diagnostics.unavailable");
    const found = compared(TURN_2, { ...TURN_2, ...change });
    expect(found).toMatchObject({ reason: { type }, at });
    expect(Number.isInteger(missedOf(found))).toBe(type !== "unavailable");
  });

  it("model_changed for another model or another speed", () => {
    verifies("diagnostics.reasons");
    expect(compared(TURN_1, TURN_1, ["e/m", "e/n"])?.reason.type).toBe("model_changed");
    expect(reasonOf(TURN_1, { ...TURN_1, speed: "fast" })).toBe("model_changed");
  });

  it("the first one in the order model, system, tools, messages", () => {
    verifies("diagnostics.first-divergence");
    const messages = { messages: [{ role: "user", content: "x" }] };
    const tools = { ...messages, tools: [] };
    const system = { ...tools, system: "x" };
    expect(reasonOf(TURN_1, { ...TURN_1, ...messages, thinking: { type: "adaptive" } })).toBe(
      "messages_changed",
    );
    expect(reasonOf(TURN_1, { ...TURN_1, ...tools })).toBe("tools_changed");
    expect(reasonOf(TURN_1, { ...TURN_1, ...system })).toBe("system_changed");
    expect(compared(TURN_1, { ...TURN_1, ...system }, ["e/m", "e/n"])?.reason.type).toBe("model_changed");
  });
});

describe("tokens that were missed", () => {
  const long = (word: string): string => word.repeat(1000);
  const request = {
    ...TURN_1,
    tools: [{ name: "look", description: long("tool"), input_schema: { type: "object" } }],
    system: long("page"),
    messages: [
      { role: "user", content: long("milk") },
      { role: "assistant", content: long("corn") },
      { role: "user", content: "x" },
    ],
  };
  const missed = (change: object): unknown => missedOf(compared(request, { ...request, ...change }));
  const about = (thousands: number): unknown =>
    expect.toSatisfy((tokens: number) => Math.abs(tokens - thousands * 1000) < 60);

  it("are those behind the first difference in the order in which a model reads, whatever the reason is called", () => {
    verifies("diagnostics.missed-tokens");
    const [first, , last] = request.messages;
    expect(missed({ messages: [first, { role: "assistant", content: "!" }, last] })).toEqual(about(1));
    expect(missed({ messages: [{ role: "user", content: "!" }] })).toEqual(about(2));
    expect(missed({ system: "!" })).toEqual(about(3));
    expect(missed({ tools: [] })).toEqual(about(4));
    expect(missed({ tools: [], system: "!" })).toEqual(about(4));
    expect(missed({ speed: "fast" })).toEqual(about(4));
    expect(missed({ speed: "fast" })).toEqual(about(estimateTokens(request) / 1000));
  });

  it("are a part of what was counted, once that is known", () => {
    verifies("diagnostics.missed-tokens");
    const { fingerprint } = takeFingerprint(validated(request), "e/m");
    const counted = { ...fingerprint, promptTokens: fingerprint.promptTokens * 2 };
    const now = takeFingerprint(validated({ ...request, system: "!" }), "e/m").fingerprint;
    expect(diagnose(now, counted)?.reason).toEqual({
      type: "system_changed",
      cache_missed_input_tokens: about(6),
    });
  });
});

it("whatever is done to a conversation, the reason names it, and no more is missed than there was", () => {
  verifies("diagnostics.reasons", "diagnostics.same-prompt");
  const random = randomNumbers(7);
  const below = (n: number): number => Math.floor(random() * n);
  const words = (): string => Array.from({ length: 1 + below(30) }, () => below(1e6).toString(36)).join(" ");
  const list = <T>(n: number, make: (index: number) => T): T[] =>
    Array.from({ length: n }, (_, index) => make(index));
  const seen = new Map<string | null, number>();
  for (let round = 0; round < 300; round++) {
    const before = {
      ...TURN_1,
      tools: list(1 + below(4), (index) => ({
        name: `t${index}`,
        description: words(),
        input_schema: { type: "object" },
      })),
      system: list(1 + below(3), () => ({ type: "text", text: words() })),
      messages: list(1 + 2 * below(20), (index) => ({
        role: index % 2 === 0 ? "user" : "assistant",
        content: words(),
      })),
    };
    const at = below(before.messages.length);
    const { tools, system, messages } = before;
    const changes: readonly (readonly [string | null, object])[] = [
      [
        null,
        {
          messages: [
            ...messages,
            { role: "assistant", content: words() },
            { role: "user", content: words() },
          ],
        },
      ],
      [
        "system_changed",
        { system: system.with(below(system.length), { type: "text", text: `!${words()}` }) },
      ],
      ["tools_changed", { tools: [...tools, { name: "more", input_schema: { type: "object" } }] }],
      [
        "messages_changed",
        {
          messages: messages.with(at, { role: at % 2 === 0 ? "user" : "assistant", content: `!${words()}` }),
        },
      ],
      ["unavailable", { thinking: { type: "adaptive" } }],
    ];
    const [expected, change] = changes[below(changes.length)] ?? [null, {}];
    const found = compared(before, { ...before, ...change });
    expect(found?.reason.type ?? null, `round ${round}`).toBe(expected);
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
    if (!found || !("cache_missed_input_tokens" in found.reason)) continue;
    const { cache_missed_input_tokens: tokens } = found.reason;
    const { promptTokens } = takeFingerprint(validated(before), "e/m").fingerprint;
    expect(tokens >= 0 && tokens <= promptTokens, `round ${round}: ${tokens} of ${promptTokens}`).toBe(true);
  }
  expect(seen.size).toBe(5);
});

it("there is a fingerprint of every kind of request, and it is its own", () => {
  verifies("diagnostics.never-fails");
  for (const seed of SEED_REQUESTS) {
    const request = requestBody(seed) as unknown as MessagesRequest;
    const [one, other] = [takeFingerprint(request, "e/m"), takeFingerprint(structuredClone(request), "e/m")];
    expect(diagnose(one.fingerprint, other.fingerprint), JSON.stringify(seed)).toBeNull();
  }
});

it("nothing of a prompt can be read in its fingerprint", () => {
  verifies("diagnostics.fingerprints");
  const { fingerprint } = takeFingerprint(validated(TURN_2), "e/m");
  const kept = JSON.stringify(fingerprint, (_, value) =>
    value?.type === "Buffer" ? Buffer.from(value.data).toString("latin1") : value,
  );
  for (const word of ["pumpkin", "look", "toolu_1"]) expect(kept).not.toContain(word);
  expect(Object.values(fingerprint.sections).map(({ length }) => length / 16)).toEqual([2, 1, 4]);
});
