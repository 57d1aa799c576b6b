import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foldMessage, type MessageStreamEvent, type MessagesRequest } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { createLlamaEngine, type LlamaEngine } from "./create-llama-engine.ts";
import type { JsonSchemaObject } from "./grammar/json-schema.ts";
import { isValid } from "./grammar/testing/is-valid.ts";
import { randomNumbers } from "./grammar/testing/random-numbers.ts";
import { randomSchema } from "./grammar/testing/random-schema.ts";

/** More of them with `STRICT_SCHEMAS=1000 npx vitest run strict-tools`. */
const SCHEMAS = Number(process.env.STRICT_SCHEMAS ?? 30);
const MOST_TOKENS = 200;

let folder: string;
let engine: LlamaEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "strict-tools-"));
  await writeTinyGguf(join(folder, "babble.gguf"), { wholeCharacters: true });
  engine = createLlamaEngine({
    modelsFolder: folder,
    contextSize: 4000,
    sequences: 4,
    sampling: { temperature: 1 },
  });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** Arguments that a model of random weights writes for a tool of this schema; null when it does not get to their end. */
async function randomArguments(schema: JsonSchemaObject): Promise<unknown> {
  const request: MessagesRequest = {
    model: "babble",
    max_tokens: MOST_TOKENS,
    messages: [{ role: "user", content: "Go" }],
    tools: [{ name: "tool", strict: true, input_schema: { type: "object", ...schema } }],
    tool_choice: { type: "tool", name: "tool", disable_parallel_tool_use: true },
  };
  const events: MessageStreamEvent[] = [];
  const options = { signal: new AbortController().signal, headers: new Headers(), workspace: "default" };
  for await (const event of engine.generate(request, options)) events.push(event);
  const message = foldMessage(events);
  const [block] = message.content;
  expect(block).toMatchObject({ type: "tool_use", name: "tool" });
  return message.stop_reason === "tool_use" && block?.type === "tool_use" ? block.input : null;
}

test("arguments of a strict tool always validate, whatever the schema and however bad the model", async () => {
  verifies("request.strict-tools");
  const random = randomNumbers(20_261_122);
  const schemas = Array.from({ length: SCHEMAS }, () => ({
    type: "object",
    properties: { value: randomSchema(random) },
    required: ["value"],
    additionalProperties: false,
  }));
  let whole = 0;
  await Promise.all(
    schemas.map(async (schema) => {
      const value = await randomArguments(schema);
      if (value === null) return;
      whole++;
      expect(isValid(value, schema), JSON.stringify({ schema, value })).toBe(true);
    }),
  );
  expect(whole).toBeGreaterThan(SCHEMAS / 2);
});
