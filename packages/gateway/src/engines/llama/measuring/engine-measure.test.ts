import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessagesRequest } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { PromptPlace } from "../../../cache/prompt/prompt-block.ts";
import { createLlamaEngine } from "../create-llama-engine.ts";

const OPTIONS = { workspace: "one", signal: new AbortController().signal, headers: new Headers() };
const REQUEST: MessagesRequest = {
  model: "babble",
  max_tokens: 4,
  system: "Be brief.",
  messages: [{ role: "user", content: "Hello there" }],
};
const PLACES: readonly PromptPlace[] = [
  { section: "system", index: 0 },
  { section: "messages", message: 0, block: 0 },
];

test("the engine measures what it counts and reads, and refuses what it would not answer", async () => {
  const modelsFolder = await mkdtemp(join(tmpdir(), "engine-measure-"));
  await writeTinyGguf(join(modelsFolder, "babble.gguf"));
  const engine = createLlamaEngine({ modelsFolder, contextSize: 512, sequences: 1, threads: 1 });
  onTestFinished(async () => {
    await engine.close();
    await rm(modelsFolder, { recursive: true });
  });

  const { total, at } = await engine.measure(REQUEST, PLACES, OPTIONS);
  expect(total).toBe(await engine.countTokens(REQUEST, OPTIONS));
  expect(at).toHaveLength(2);
  expect(at[0]).toBeGreaterThan(0);
  expect(at[1]).toBeGreaterThan(at[0] ?? 0);
  expect(at[1]).toBeLessThanOrEqual(total);
  for await (const event of engine.generate(REQUEST, OPTIONS)) {
    if (event.type === "message_start") expect(event.message.usage.input_tokens).toBe(total);
  }

  const long = { ...REQUEST, system: "word ".repeat(400) };
  await expect(engine.measure(long, PLACES, OPTIONS)).rejects.toMatchObject({ status: 400 });
  await expect(engine.measure({ ...REQUEST, model: "none" }, PLACES, OPTIONS)).rejects.toMatchObject({
    status: 404,
  });
});
