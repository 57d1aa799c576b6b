import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { type TinyGgufOptions, writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createGateway } from "../../create-gateway.ts";
import { serveGateway } from "../../serve-gateway.ts";
import { createLlamaEngine, type LlamaEngine } from "./create-llama-engine.ts";
import type { LlamaEngineOptions } from "./llama-engine-options.ts";
import { type LlamaRuntime, openLlamaRuntime } from "./runtime/llama-runtime.ts";
import { type Block, isShort, longestBlock } from "./testing/longest-block.ts";

const TOOL = {
  name: "get_weather",
  description: "Weather of a place",
  input_schema: {
    type: "object" as const,
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 1, maximum: 9 } },
    required: ["city", "days"],
    additionalProperties: false,
  },
};

let modelsFolder: string;
/** Kept open throughout, since loading llama.cpp for each test takes longer than the tests. */
let runtime: LlamaRuntime;
beforeAll(async () => {
  modelsFolder = await mkdtemp(join(tmpdir(), "llama-engine-"));
  runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
  await model("babble", {});
});
afterAll(async () => {
  await runtime.close();
  await rm(modelsFolder, { recursive: true });
});

async function model(name: string, options: TinyGgufOptions): Promise<string> {
  await writeTinyGguf(join(modelsFolder, `${name}.gguf`), options);
  return `llama/${name}`;
}

interface Served {
  readonly engine: LlamaEngine;
  readonly client: Anthropic;
  readonly url: string;
}

/** The gateway over the engine, as clients meet it. */
async function serve(options: Partial<LlamaEngineOptions> = {}): Promise<Served> {
  const engine = createLlamaEngine({
    modelsFolder,
    contextSize: 2048,
    sequences: 2,
    sampling: { temperature: 0 },
    ...options,
  });
  const served = await serveGateway({
    app: createGateway({
      engines: { llama: engine },
      keys: { one: { workspace: "one" }, two: { workspace: "two" } },
      pingIntervalMs: 200,
    }),
  });
  onTestFinished(async () => {
    await served.close();
    await engine.close();
  });
  return { engine, url: served.url, client: clientOf(served.url) };
}

function clientOf(baseURL: string, apiKey = "one"): Anthropic {
  return new Anthropic({ baseURL, apiKey, maxRetries: 0 });
}

const ask = (name: string, content = "Hello", max_tokens = 64) => ({
  model: name,
  max_tokens,
  messages: [{ role: "user" as const, content }],
});

/** The test leaves on purpose; the SDK would report that to the process. */
function ignoreAbort(stream: { done(): Promise<void> }): void {
  stream.done().catch(() => {});
}

function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

describe("an answer", () => {
  test("is text with exact counts, the same streamed and whole", async () => {
    const { client } = await serve();
    const name = await model("hello", { script: ["Hel", "lo, ", "you"] });
    const whole = await client.messages.create(ask(name));
    const streamed = await client.messages.stream(ask(name)).finalMessage();
    expect(whole).toMatchObject({
      content: [{ type: "text", text: "Hello, you" }],
      stop_reason: "end_turn",
      model: name,
      usage: { output_tokens: 3, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    });
    expect({ ...streamed, id: "" }).toMatchObject({ ...whole, id: "" });
    const { input_tokens } = await client.messages.countTokens({ model: name, messages: ask(name).messages });
    expect(input_tokens).toBe(whole.usage.input_tokens);
  });

  test("that has to follow a schema does, from any model, whole and streamed", async () => {
    const { client } = await serve();
    const schema = {
      type: "object",
      properties: { city: { enum: ["Oslo", "Rome"] }, days: { type: "integer", minimum: 1, maximum: 9 } },
      required: ["city", "days"],
      additionalProperties: false,
    };
    const request = {
      ...ask("llama/babble", "Where, and for how long?", 200),
      output_config: { format: { type: "json_schema" as const, schema } },
    };
    const check = z.strictObject({ city: z.enum(["Oslo", "Rome"]), days: z.int().min(1).max(9) });
    const message = await client.messages.create(request);
    expect(message.stop_reason).toBe("end_turn");
    expect(check.safeParse(JSON.parse(textOf(message))).success).toBe(true);
    expect(textOf(await client.messages.stream(request).finalMessage())).toBe(textOf(message));
    const withTools = client.messages.create({ ...request, tools: [TOOL] });
    await expect(withTools).rejects.toThrow(/output_config.format.*tool_choice/);
    const unkept = { format: { type: "json_schema" as const, schema: { ...schema, not: {} } } };
    await expect(client.messages.create({ ...request, output_config: unkept })).rejects.toThrow(/`not`/);
  });

  test("ends at a stop sequence that is cut across tokens, with the text before it", async () => {
    const { client } = await serve();
    const name = await model("stop", { script: ["one E", "ND", " two"] });
    const message = await client.messages.create({ ...ask(name), stop_sequences: ["END"] });
    expect(textOf(message)).toBe("one ");
    expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "END" });
  });

  test("is cut at max_tokens", async () => {
    const { client } = await serve();
    const name = await model("endless", { script: ["la ", "lu "], loop: true });
    const message = await client.messages.create(ask(name, "Sing", 3));
    expect(textOf(message)).toBe("la lu la ");
    expect(message).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 3 } });
  });

  test("that fills the window says so", async () => {
    const { client } = await serve({ contextSize: 256 });
    const name = await model("window", { script: ["so ", "on "], loop: true });
    const message = await client.messages.create(ask(name, "x".repeat(100), 5000));
    expect(message.stop_reason).toBe("model_context_window_exceeded");
    expect(message.usage.input_tokens + message.usage.output_tokens).toBe(256);
  });

  test("to a prompt that is too long is a refusal with both numbers", async () => {
    const { client } = await serve({ contextSize: 256 });
    const failure = client.messages.create(ask("llama/babble", "x".repeat(3000)));
    await expect(failure).rejects.toMatchObject({ status: 400, type: "invalid_request_error" });
    await expect(failure).rejects.toThrow(/prompt is too long: 30\d\d tokens > 256 maximum/);
    const huge = client.messages.create(ask("llama/babble", "x".repeat(1_000_000)));
    await expect(huge).rejects.toThrow(/prompt is too long: 250\d\d\d tokens > 256 maximum/);
  });

  test("of no tokens reads the prompt and says nothing", async () => {
    const { client } = await serve();
    const message = await client.messages.create(ask("llama/babble", "warm", 0));
    expect(message).toMatchObject({ content: [], stop_reason: "max_tokens", usage: { output_tokens: 0 } });
  });

  test("is repeatable with a seed, and greedy at temperature 0", async () => {
    const { client } = await serve({ sampling: { temperature: 1, seed: 7 } });
    const [first, second] = [
      await client.messages.create(ask("llama/babble")),
      await client.messages.create(ask("llama/babble")),
    ];
    expect(textOf(second)).toBe(textOf(first));
    expect(textOf(first).length).toBeGreaterThan(10);
  });
});

describe("a tool call", () => {
  const request = { tools: [TOOL], tool_choice: { type: "tool" as const, name: TOOL.name } };

  test("that the model wants streams under the tool's schema, and its block ends before the turn does", async () => {
    const { client } = await serve();
    const call = '\n{"name": "get_weather", "arguments": ';
    const name = await model("caller", {
      script: [
        "Let me see.",
        "<tool",
        "_call>",
        call,
        '{"city": "Par',
        'is", "days": 3',
        "}}",
        "\n</tool_call>",
      ],
    });
    const message = await client.messages.create({ ...ask(name), tools: [TOOL] });
    expect(message).toMatchObject({
      content: [
        { type: "text", text: "Let me see." },
        { type: "tool_use", name: "get_weather", input: { city: "Paris", days: 3 } },
      ],
      stop_reason: "tool_use",
    });
  });

  test("may be followed by another; each has its own block", async () => {
    const { client } = await serve();
    const name = await model("twice", {
      script: [
        ...[
          "<tool",
          '_call>\n{"name": "get_weather",',
          ' "arguments": {"city": "Paris"',
          ', "days": 3}}',
          "\n</to",
          "ol_call>",
        ],
        ...[
          "\n<tool_",
          'call>\n{"name": "get_wea',
          'ther", "arguments": {"city": "Rome", ',
          '"days": 4}}\n',
          "</tool_",
          "call>",
        ],
      ],
    });
    const message = await client.messages.stream({ ...ask(name), tools: [TOOL] }).finalMessage();
    expect(message.content).toMatchObject([
      { type: "tool_use", input: { city: "Paris", days: 3 } },
      { type: "tool_use", input: { city: "Rome", days: 4 } },
    ]);
    expect(message.stop_reason).toBe("tool_use");
  });

  test("that is forced comes from any model, and validates", async () => {
    const { client } = await serve({ sampling: { temperature: 1, seed: 3 } });
    const message = await client.messages.create({
      ...ask("llama/babble", "Weather?", 1500),
      tools: [
        {
          ...TOOL,
          strict: true,
          input_schema: {
            ...TOOL.input_schema,
            properties: {
              city: { enum: ["Paris", "Rome"] },
              days: { type: "integer", minimum: 1, maximum: 9 },
            },
          },
        },
      ],
      tool_choice: { ...request.tool_choice, disable_parallel_tool_use: true },
    });
    expect(message.stop_reason).toBe("tool_use");
    expect(message.content).toHaveLength(1);
    const [block] = message.content;
    expect(block).toMatchObject({ type: "tool_use", name: "get_weather" });
    const input = block?.type === "tool_use" ? (block.input as { city: string; days: number }) : null;
    expect(["Paris", "Rome"]).toContain(input?.city);
    expect(input?.days).toBeGreaterThanOrEqual(1);
  });

  test("that max_tokens cuts is left open, and the SDK reads what there is", async () => {
    const { client } = await serve();
    const message = await client.messages
      .stream({ ...ask("llama/babble", "Weather?", 100), ...request })
      .finalMessage();
    expect(message.stop_reason).toBe("max_tokens");
    expect(message.content).toMatchObject([{ type: "tool_use", name: "get_weather" }]);
  });
});

describe("thinking", () => {
  const template =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}";

  test("is a signed block before the text, and counted", async () => {
    const { client } = await serve();
    const name = await model("thinker", { template, script: ["so", " be it", "</thi", "nk>\n\n", "Yes"] });
    const message = await client.messages.create({
      ...ask(name, "Well?", 1100),
      thinking: { type: "adaptive" },
    });
    expect(message.content).toMatchObject([
      {
        type: "thinking",
        thinking: expect.stringContaining("so be it"),
        signature: expect.stringMatching(/./),
      },
      { type: "text", text: "Yes" },
    ]);
    expect(message.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(1);
  });

  test("ends when its budget is used up, and the answer goes on", async () => {
    const { client } = await serve({ sampling: { temperature: 0 } });
    const name = await model("ponderer", { template, script: ["hm", " er"], loop: true });
    const thinking = { type: "enabled" as const, budget_tokens: 1024 };
    const message = await client.messages.create({ ...ask(name, "Well?", 1100), thinking });
    expect(message.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect(message).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 1100, output_tokens_details: { thinking_tokens: 1024 } },
    });
  });
});

describe("several conversations", () => {
  test("eight at once over two sequences each get what they get alone", async () => {
    const { client } = await serve();
    const prompts = Array.from({ length: 8 }, (_, index) => `${index}: ${"abc ".repeat(index * 30)}`);
    const alone: string[] = [];
    for (const prompt of prompts)
      alone.push(textOf(await client.messages.create(ask("llama/babble", prompt, 24))));
    const together = await Promise.all(
      prompts.map((prompt) => client.messages.create(ask("llama/babble", prompt, 24))),
    );
    expect(together.map(textOf)).toEqual(alone);
    expect(new Set(alone).size).toBeGreaterThan(3);
  });

  test("a second turn goes on from what its sequence holds", async () => {
    const used: number[] = [];
    const { client } = await serve({
      onSchedulerEvent: (event) => {
        if (event.type === "finished") used.push(event.used);
      },
    });
    const first = ask("llama/babble", "word ".repeat(200), 1);
    await client.messages.create(first);
    await client.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: "assistant", content: "yes" },
        { role: "user", content: "go on" },
      ],
    });
    expect(used[0]).toBeGreaterThan(800);
    expect(used[1]).toBeLessThan(200);
  });

  test("a full queue refuses with 529 and retry-after before the first byte", async () => {
    const { client, engine } = await serve({ sequences: 1, maxQueued: 1 });
    const name = await model("forever", { script: ["for ", "ever "], loop: true });
    const running = client.messages.stream(ask(name, "a", 1900));
    ignoreAbort(running);
    await running.emitted("streamEvent");
    const waiting = client.messages.stream(ask(name, "b", 1900));
    ignoreAbort(waiting);
    await expect.poll(() => engine.scheduler.queued).toBe(1);
    const refused = await client.messages.create({ ...ask(name, "c"), stream: true }).catch((error) => error);
    expect(refused).toBeInstanceOf(Anthropic.APIError);
    expect(refused).toMatchObject({ status: 529, type: "overloaded_error" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    waiting.abort();
    running.abort();
    await expect.poll(() => engine.scheduler.running).toBe(0);
  });

  test("a workspace that floods does not keep another from its turn", async () => {
    const order: string[] = [];
    const { client, url, engine } = await serve({
      sequences: 1,
      onSchedulerEvent: (event) => {
        if (event.type === "admitted") order.push(event.workspace);
      },
    });
    const flood = Array.from({ length: 6 }, () => client.messages.create(ask("llama/babble", "flood", 150)));
    await expect.poll(() => engine.scheduler.queued, { interval: 5 }).toBe(5);
    await clientOf(url, "two").messages.create(ask("llama/babble", "small", 4));
    await Promise.all(flood);
    expect(order.indexOf("two")).toBeLessThanOrEqual(2);
  });
});

describe("a client that leaves", () => {
  test("while the answer is written frees its slot within 200 ms", async () => {
    const { client, engine } = await serve();
    const name = await model("singer", { script: ["tra ", "la "], loop: true });
    const times: number[] = [];
    // The best of three: other work on the machine may hold up one, not all.
    for (let round = 0; round < 3; round++) {
      const stream = client.messages.stream(ask(name, "Sing", 1900));
      ignoreAbort(stream);
      await stream.emitted("text");
      expect(engine.scheduler.running).toBe(1);
      const left = performance.now();
      stream.abort();
      await expect.poll(() => engine.scheduler.running, { interval: 5 }).toBe(0);
      times.push(performance.now() - left);
    }
    expect(Math.min(...times)).toBeLessThan(200);
  });

  test("while its prompt is read stops the reading after a piece, and the sequence is of use to others", async () => {
    const used: number[] = [];
    const { client, engine } = await serve({
      contextSize: 9000,
      sequences: 1,
      onSchedulerEvent: (event) => {
        if (event.type === "finished") used.push(event.used);
      },
    });
    const name = await model("reader", { layers: 6, contextLength: 9000 });
    await client.messages.create(ask(name, "load", 1));
    const stream = client.messages.stream(ask(name, "word ".repeat(1600), 10));
    ignoreAbort(stream);
    await stream.emitted("streamEvent");
    stream.abort();
    await expect.poll(() => engine.scheduler.running, { interval: 5, timeout: 5000 }).toBe(0);
    // Of 8,000 tokens no more than the pieces that were under way.
    expect(used[1]).toBeLessThanOrEqual(3 * 512);
    expect((await client.messages.create(ask(name, "Hello", 4))).usage.output_tokens).toBe(4);
  });
});

describe("models", () => {
  test("are listed with their windows; a damaged file is left out, and asking for it says what is wrong", async () => {
    await writeFile(join(modelsFolder, "damaged.gguf"), "GGUF");
    const { client } = await serve();
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toContain("llama/babble");
    expect(ids).not.toContain("llama/damaged");
    const failure = await client.messages.create(ask("llama/damaged")).catch((error) => error);
    expect(failure).toMatchObject({ status: 500, type: "api_error" });
    expect(failure.message).toContain("Fetch the file again, or convert the model to GGUF.");
    const missing = await client.messages.create(ask("llama/none")).catch((error) => error);
    expect(missing).toMatchObject({ status: 404, type: "not_found_error" });
  });

  test("of an architecture that llama.cpp does not know are named as such, and others go on", async () => {
    const { client } = await serve();
    const name = await model("alien", { metadata: { "general.architecture": "alien" } });
    const failure = await client.messages.create(ask(name)).catch((error) => error);
    expect(failure.message).toContain("does not know its architecture, alien");
    expect((await client.messages.create(ask("llama/babble"))).stop_reason).not.toBeNull();
  });

  test("make room for one another", async () => {
    const log: string[] = [];
    const { client } = await serve({ memoryLimit: 4_000_000, log: ({ message }) => log.push(message) });
    const other = await model("other", {});
    for (const name of ["llama/babble", other, "llama/babble"])
      await client.messages.create(ask(name, "hi", 1));
    const kinds = log.filter((line) => /loaded/.test(line)).map((line) => line.split(" in ")[0]);
    expect(kinds.slice(0, 5)).toEqual([
      "loaded llama/babble",
      "unloaded llama/babble",
      "loaded llama/other",
      "unloaded llama/other",
      "loaded llama/babble",
    ]);
  });
});

test("closing ends answers that are being written, in words", async () => {
  const { client, engine } = await serve();
  const name = await model("unstoppable", { script: ["go ", "on "], loop: true });
  const stream = client.messages.stream(ask(name, "Go", 1900));
  const failed = expect(stream.done()).rejects.toThrow("The embedded engine is closed");
  await stream.emitted("text");
  await engine.close();
  await failed;
  await expect(client.messages.create(ask(name))).rejects.toMatchObject({ status: 503 });
});

test("what a user writes stays text, also when it spells a control token", async () => {
  const { client } = await serve();
  const count = async (content: string): Promise<number> =>
    (await client.messages.countTokens({ model: "llama/babble", messages: [{ role: "user", content }] }))
      .input_tokens;
  const marker = "<|im_end|>";
  // As one control token it would count 1; as text of a byte-level vocabulary it counts its characters.
  expect((await count(`a${marker}b`)) - (await count("ab"))).toBe(marker.length);
});

test("counting the tokens of megabytes leaves the process to its other work", async () => {
  const engine = createLlamaEngine({ modelsFolder, contextSize: 2048, sequences: 1 });
  onTestFinished(() => engine.close());
  const options = { signal: new AbortController().signal, headers: new Headers(), workspace: "one" };
  const count = (content: string): Promise<number> | undefined =>
    engine.countTokens?.({ model: "babble", messages: [{ role: "user", content }] }, options);
  const few = (await count("")) ?? 0;
  const blocks: Block[] = [];
  // The best of three: other work on the machine may hold up one, not all.
  for (let round = 0; round < 3 && !blocks.some(isShort); round++) {
    const block = await longestBlock(async () => {
      expect(await count("0123456789\n".repeat(200_000))).toBe(few + 2_200_000);
    });
    blocks.push(block);
  }
  expect(blocks).toSatisfy(() => blocks.some(isShort));
});
