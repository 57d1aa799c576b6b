import Anthropic from "@anthropic-ai/sdk";
import { packagedModel } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGateway } from "../../create-gateway.ts";
import { type ServedGateway, serveGateway } from "../../serve-gateway.ts";
import { createLlamaEngine, type LlamaEngine } from "./create-llama-engine.ts";

const path = await packagedModel("qwen2.5-coder-0.5b");

const REPORT: Anthropic.Tool = {
  name: "report_weather",
  description: "Report the weather that was found",
  input_schema: {
    type: "object",
    properties: {
      degrees: { type: "integer", minimum: -60, maximum: 60 },
      sky: { enum: ["sun", "rain", "snow"] },
    },
    required: ["degrees", "sky"],
    additionalProperties: false,
  },
  strict: true,
};

const only = (name: string) => ({ type: "tool" as const, name, disable_parallel_tool_use: true });

const WEATHER: Anthropic.Tool = {
  name: "get_weather",
  description: "Get the weather of a city",
  input_schema: {
    type: "object",
    properties: { city: { type: "string", description: "Name of the city" } },
    required: ["city"],
    additionalProperties: false,
  },
  strict: true,
};

describe.skipIf(path === null)("a real model of half a billion weights", () => {
  let engine: LlamaEngine;
  let served: ServedGateway;
  let client: Anthropic;
  beforeAll(async () => {
    engine = createLlamaEngine({
      models: { qwen: { path: path ?? "", contextSize: 4096, sequences: 2, sampling: { temperature: 0 } } },
    });
    served = await serveGateway({ app: createGateway({ engines: { llama: engine } }) });
    client = new Anthropic({ baseURL: served.url, apiKey: "any", maxRetries: 0 });
  });
  afterAll(async () => {
    await served.close();
    await engine.close();
  });

  const ask = (content: string) => ({
    model: "llama/qwen",
    max_tokens: 60,
    messages: [{ role: "user" as const, content }],
  });

  test("answers a question", async () => {
    const message = await client.messages
      .stream(ask("What is 2 + 3? Answer with the number only."))
      .finalMessage();
    expect(message.content).toMatchObject([{ type: "text", text: expect.stringContaining("5") }]);
    expect(message.stop_reason).toBe("end_turn");
  });

  test("calls a tool, reads its result, and passes it on to another tool", async () => {
    const first = { ...ask("What is the weather in Paris? Report it."), tools: [WEATHER, REPORT] };
    const call = await client.messages.stream({ ...first, tool_choice: only("get_weather") }).finalMessage();
    expect(call.stop_reason).toBe("tool_use");
    expect(call.content).toMatchObject([
      { type: "tool_use", name: "get_weather", input: { city: expect.stringContaining("Paris") } },
    ]);
    const [block] = call.content;
    if (block?.type !== "tool_use") throw new Error("no call");
    const report = await client.messages.create({
      ...first,
      tool_choice: only("report_weather"),
      messages: [
        ...first.messages,
        { role: "assistant", content: call.content },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: block.id, content: "It snows in Paris at -7 degrees" },
          ],
        },
      ],
    });
    expect(report.content).toMatchObject([
      { type: "tool_use", name: "report_weather", input: { sky: "snow", degrees: -7 } },
    ]);
  });

  test("calls a tool twice at once when there are two things to find out", async () => {
    const question = ask("What is the weather in Paris and in Rome? Call the tool for each.");
    const message = await client.messages.create({
      ...question,
      max_tokens: 80,
      tools: [WEATHER],
      tool_choice: { type: "any" },
    });
    expect(message.stop_reason).toBe("tool_use");
    const cities = message.content.flatMap((block) => (block.type === "tool_use" ? [block.input] : []));
    expect(cities).toEqual([{ city: "Paris" }, { city: "Rome" }]);
  });

  test("calls a tool by itself", async () => {
    const message = await client.messages.create({
      ...ask("What is the weather in Paris?"),
      tools: [WEATHER],
    });
    expect(message.content.at(-1)).toMatchObject({ type: "tool_use", input: { city: "Paris" } });
    expect(message.stop_reason).toBe("tool_use");
  });

  test("stops at a stop sequence", async () => {
    const message = await client.messages.create({
      ...ask("Count from 1 to 9, separated by commas."),
      stop_sequences: ["5"],
    });
    expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "5" });
    expect(JSON.stringify(message.content)).toContain("4");
    expect(JSON.stringify(message.content)).not.toContain("5");
  });

  test("answers several conversations at once without mixing them up", async () => {
    const words = ["apple", "tiger", "seven", "ocean"];
    const answers = await Promise.all(
      words.map((word) =>
        client.messages.create({
          ...ask(`Repeat exactly this word and nothing else: ${word}`),
          max_tokens: 8,
        }),
      ),
    );
    for (const [index, word] of words.entries()) {
      const text = JSON.stringify(answers[index]?.content).toLowerCase();
      expect(text).toContain(word);
      for (const other of words.filter((each) => each !== word)) expect(text).not.toContain(other);
    }
  });
});
