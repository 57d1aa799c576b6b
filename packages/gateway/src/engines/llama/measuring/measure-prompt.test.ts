import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CountTokensRequest, InputMessage } from "@ml-intern/messages";
import { type PackagedModel, packagedModel, writeTinyGguf } from "@ml-intern/testkit";
import type { LlamaModel } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PromptPlace } from "../../../cache/prompt/prompt-block.ts";
import { promptBlocks } from "../../../cache/prompt/prompt-blocks.ts";
import type { ChatFormat } from "../formats/chat-format.ts";
import { CLOCK, formatOf, WEATHER } from "../formats/testing/parse-answer.ts";
import * as templates from "../formats/testing/templates.ts";
import { KnownFiles } from "../models/known-files.ts";
import { type PromptModel, promptOf } from "../models/loaded-model.ts";
import { createPromptTokenizer } from "../models/prompt-tokens.ts";
import { type LlamaRuntime, openLlamaRuntime } from "../runtime/llama-runtime.ts";
import { measurePrompt } from "./measure-prompt.ts";

const OPTIONS = { workspace: "one", signal: new AbortController().signal };
/** So many tokens may be promised that the next turn does not share, and the other way round. */
const HANDFUL = 4;

const TALK: readonly InputMessage[] = [
  {
    role: "user",
    content: [
      { type: "text", text: "What is the weather in Oslo?" },
      { type: "text", text: "I mean today." },
    ],
  },
  {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "That can be looked up.", signature: "s" },
      { type: "text", text: "Let me see." },
      { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Oslo", days: 2 } },
    ],
  },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "Rain, 7 degrees." }] },
  {
    role: "assistant",
    content: [{ type: "tool_use", id: "toolu_2", name: "clock", input: {} }],
  },
  {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "toolu_2", content: "Noon." },
      { type: "text", text: "Is it late?" },
    ],
  },
  { role: "assistant", content: "It is noon, and it rains." },
  { role: "user", content: "Thanks!" },
];

function turn(messages: number, more: Partial<CountTokensRequest> = {}): CountTokensRequest {
  const system = ["You are of help.", "Speak plainly."].map((text) => ({ type: "text" as const, text }));
  return { model: "m", tools: [WEATHER, CLOCK], system, messages: TALK.slice(0, messages), ...more };
}

const TURNS = [1, 3, 5, 7] as const;
const FORMATS: readonly (readonly [string, ChatFormat])[] = Object.entries(templates).map(
  ([name, template]) => [name, formatOf(template)],
);
/** As Qwen 3's: thinking is shown as long as nothing new is asked. */
const TRANSIENT_THINKING = `{%- set ns = namespace(asked=0) %}
{%- for message in messages %}{% if message.role == "user" %}{% set ns.asked = loop.index0 %}{% endif %}{% endfor %}
${templates.HERMES_TEMPLATE.replace(
  "{{- '<|im_start|>assistant\\n' + message.content }}",
  "{{- '<|im_start|>assistant\\n' }}{% if loop.index0 > ns.asked and message.reasoning_content %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{% endif %}{{- message.content }}",
)}`;

let folder: string;
let runtime: LlamaRuntime;
let tiny: LlamaModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "measure-prompt-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
  await writeTinyGguf(join(folder, "tiny.gguf"));
  tiny = await vocabulary(join(folder, "tiny.gguf"));
});
afterAll(async () => {
  await tiny.dispose();
  await runtime.close();
  await rm(folder, { recursive: true });
});

function vocabulary(modelPath: string): Promise<LlamaModel> {
  return runtime.llama.loadModel({ modelPath, vocabOnly: true });
}

function promptModel(model: LlamaModel, format: ChatFormat): PromptModel {
  return {
    format,
    window: 32_768,
    longestToken: 64,
    tokenizePrompt: createPromptTokenizer(model),
    prompts: new WeakMap(),
  };
}

function placesOf(request: CountTokensRequest): readonly PromptPlace[] {
  return promptBlocks(request).map(({ place }) => place);
}

interface Looked {
  readonly total: number;
  readonly tokens: readonly number[];
  /** Through each place, by its name. */
  readonly at: ReadonlyMap<string, number>;
}

async function look(model: PromptModel, request: CountTokensRequest): Promise<Looked> {
  const places = placesOf(request);
  const { total, at } = await measurePrompt(model, request, places, OPTIONS);
  const { tokens } = await promptOf(model, request, OPTIONS);
  return {
    total,
    tokens,
    at: new Map(places.map((place, index) => [nameOf(place), at[index] ?? Number.NaN])),
  };
}

function nameOf(place: PromptPlace): string {
  return place.section === "messages"
    ? `messages.${place.message}.${place.block}`
    : `${place.section}.${place.index}`;
}

function commonTokens(one: readonly number[], other: readonly number[]): number {
  const differs = one.findIndex((token, index) => token !== other[index]);
  return differs < 0 ? one.length : differs;
}

describe.each(FORMATS)("with %s", (_, format) => {
  test("places grow, up to the tokens that are counted", async () => {
    for (const more of [{}, { thinking: { type: "enabled", budget_tokens: 2000 } } as const]) {
      for (const messages of TURNS) {
        const request = turn(messages, more);
        const { total, at } = await look(promptModel(tiny, format), request);
        const counted = await promptOf(promptModel(tiny, format), { ...request }, OPTIONS);
        expect(total).toBe(counted.tokens.length);
        const values = [...at.values()];
        expect(values).toEqual(values.toSorted((one, other) => one - other));
        expect(values.at(-1)).toBeLessThanOrEqual(total);
        // Whatever the template does, a conversation that goes on shares its own beginning.
        expect(values.at(-1)).toBeGreaterThan(0);
      }
    }
  });

  test("the next turn shares what a turn promised, but for a handful of tokens", async () => {
    const model = promptModel(tiny, format);
    // These say what the tools are before what was asked last, which moves them.
    const movesTools = format.family === "mistral";
    for (const [index, messages] of TURNS.slice(0, -1).entries()) {
      const [now, next] = [await look(model, turn(messages)), await look(model, turn(TURNS[index + 1] ?? 7))];
      const isAskedAnew = index > 0;
      if (movesTools && isAskedAnew) continue;
      const shared = commonTokens(now.tokens, next.tokens);
      for (const [place, tokens] of now.at) {
        expect(tokens - shared, `${place} of ${messages} messages, promised`).toBeLessThanOrEqual(HANDFUL);
        const later = next.at.get(place) ?? Number.NaN;
        expect(Math.abs(tokens - later), `${place} of ${messages} messages, later`).toBeLessThanOrEqual(
          HANDFUL,
        );
      }
    }
  });
});

const MODELS = ["qwen2.5-coder-0.5b", "gemma3-270m"] satisfies PackagedModel[];
test.for(MODELS)("%s: each turn shares with the next what was measured", async (name, { skip }) => {
  const path = await packagedModel(name);
  if (path === null) return skip("the model cannot be fetched");
  const { format } = await new KnownFiles().read(name, path);
  const vocabularyOnly = await vocabulary(path);
  try {
    const model = promptModel(vocabularyOnly, format);
    for (const [index, messages] of TURNS.slice(0, -1).entries()) {
      const [now, next] = [await look(model, turn(messages)), await look(model, turn(TURNS[index + 1] ?? 7))];
      const last = [...now.at.values()].at(-1) ?? 0;
      expect(last).toBe(commonTokens(now.tokens, next.tokens));
      for (const [place, tokens] of now.at) expect(next.at.get(place), place).toBe(tokens);
    }
  } finally {
    await vocabularyOnly.dispose();
  }
});

test("where the system prompt comes before the tools, the tools alone share next to nothing", async () => {
  const { at } = await look(promptModel(tiny, formatOf(templates.HERMES_TEMPLATE)), turn(1));
  const before = await promptOf(
    promptModel(tiny, formatOf("{{- '<|im_start|>system\\n' }}")),
    turn(1, { tools: [] }),
    OPTIONS,
  );
  expect(at.get("tools.1")).toBe(before.tokens.length);
  expect(at.get("system.1")).toBeGreaterThan(300);
});

test("thinking that is left out once something new is asked counts until then", async () => {
  const model = promptModel(tiny, formatOf(TRANSIENT_THINKING));
  const thinking = { type: "enabled", budget_tokens: 2000 } as const;
  const [working, asked] = [
    await look(model, turn(3, { thinking })),
    await look(model, turn(5, { thinking })),
  ];
  const shared = commonTokens(working.tokens, asked.tokens);
  expect(working.at.get("messages.2.0")).toBeGreaterThan(shared + HANDFUL);
  const before = ["messages.0.1", "messages.1.2", "messages.2.0"].map((place) => asked.at.get(place));
  expect(before).toEqual([shared, shared, shared]);
});

test("where the template refuses a conversation that ends somewhere, the place before counts", async () => {
  const refuses = `{%- if messages | length == 6 %}{{- raise_exception("one too many, or too few") }}{% endif %}
${templates.HERMES_TEMPLATE}`;
  const { at } = await look(promptModel(tiny, formatOf(refuses)), turn(5));
  const told = await look(promptModel(tiny, formatOf(templates.HERMES_TEMPLATE)), turn(5));
  const before = told.at.get("messages.2.0");
  const expected = new Map(told.at).set("messages.3.0", before ?? 0).set("messages.4.0", before ?? 0);
  expect(at).toEqual(expected);
  expect(told.at.get("messages.3.0")).toBeGreaterThan(before ?? 0);
});

test("a forced call, a formatted answer and a beginning of the answer change nothing before the end", async () => {
  const thinking = { type: "enabled", budget_tokens: 2000 } as const;
  const switched = `{{- 'Thinking: ' + ('on' if enable_thinking else 'off') + '.\\n' }}${templates.HERMES_TEMPLATE}`;
  const model = promptModel(tiny, formatOf(switched));
  const plain = await look(model, turn(5, { thinking: { type: "disabled" } }));
  const format = { type: "json_schema", schema: { type: "object", properties: {} } };
  const asked = [
    turn(5, { thinking, tool_choice: { type: "any" } }),
    turn(5, { thinking, tool_choice: { type: "tool", name: "clock" } }),
    { ...turn(5, { thinking, tool_choice: { type: "none" } }), output_config: { format } },
    turn(5, { thinking, messages: [...TALK.slice(0, 5), { role: "assistant", content: "It is" }] }),
  ];
  for (const request of asked) {
    const { at } = await look(model, request);
    for (const [place, tokens] of plain.at) {
      expect(Math.abs((at.get(place) ?? Number.NaN) - tokens), place).toBeLessThanOrEqual(HANDFUL);
    }
  }
});

test("a request is rendered and tokenized once, however often it is asked for", async () => {
  const model = promptModel(tiny, formatOf(templates.HERMES_TEMPLATE));
  const request = turn(3);
  const prompt = await promptOf(model, request, OPTIONS);
  await measurePrompt(model, request, placesOf(request), OPTIONS);
  expect(await promptOf(model, request, OPTIONS)).toBe(prompt);
});

test("what refuses the request is said", async () => {
  const model = { ...promptModel(tiny, formatOf(templates.HERMES_TEMPLATE)), window: 100 };
  await expect(measurePrompt(model, turn(3), [], OPTIONS)).rejects.toThrow(
    /^prompt is too long: \d+ tokens > 100/,
  );
});
