import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMessagesClient } from "./open-models.ts";
import { resolveModel } from "./resolve-model.ts";

const signal = new AbortController().signal;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "models-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it("a GGUF file in the home's folder of models can think, by its name and as the first there is", async () => {
  await mkdir(join(home, "models"));
  await writeTinyGguf(join(home, "models", "tiny.gguf"), { script: ["It", " works."] });
  const place = { env: {}, home };
  const choice = await resolveModel({ wanted: "llama/", place, signal });
  expect(choice.model).toBe("llama/tiny");
  await using messages = openMessagesClient(place);
  const message = await messages.client.messages.create({
    model: choice.model,
    max_tokens: 20,
    messages: [{ role: "user", content: "Does it?" }],
  });
  expect(message.content).toMatchObject([{ type: "text", text: "It works." }]);
});

it("a model that is not in the folder is refused, with what is there", async () => {
  await mkdir(join(home, "elsewhere"));
  await writeTinyGguf(join(home, "elsewhere", "tiny.gguf"));
  const place = { env: { ML_INTERN_MODELS: join(home, "elsewhere") }, home };
  await expect(resolveModel({ wanted: "llama/large", place, signal })).rejects.toMatchObject({
    code: "model/unknown",
    mend: expect.stringContaining("llama/tiny"),
  });
});
