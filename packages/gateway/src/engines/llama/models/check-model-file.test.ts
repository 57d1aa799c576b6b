import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeGguf, tinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkModelFile } from "./check-model-file.ts";
import { modelFacts } from "./model-facts.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gguf-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** What a person reads about a file: cause and mend. */
async function complaint(path: string): Promise<string> {
  const error = await checkModelFile("llama/m", path).catch((caught: unknown) => caught);
  if (!(error instanceof Error) || !("mend" in error)) throw new Error(`no complaint about ${path}`);
  return `${error.message}. ${error.mend}`.replaceAll(folder, "…");
}

test("a whole file is read: what it says, and where it ends", async () => {
  const bytes = tinyGguf({ name: "Tiny one", contextLength: 1234 });
  const { head, path } = await checkModelFile("m", await written("whole.gguf", bytes));
  expect(head.neededBytes).toBe(bytes.length);
  const facts = modelFacts(head, path);
  expect(facts).toMatchObject({
    name: "Tiny one",
    architecture: "llama",
    trainedContext: 1234,
    // 2 layers, 2 key heads of 32 values, keys and values, 2 bytes each.
    bytesPerToken: 2 * 2 * 32 * 2 * 2,
  });
  expect(facts.chat).toMatchObject({ bosToken: "<|endoftext|>", eosToken: "<|im_end|>" });
  expect(facts.chat.specialTokens).toEqual([
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<tool_call>",
    "</tool_call>",
    "<think>",
    "</think>",
  ]);
});

describe("a file that cannot be used is named with cause and mend", () => {
  test("missing", async () => {
    expect(await complaint(join(folder, "none.gguf"))).toBe(
      "The model llama/m cannot be used: the file …/none.gguf does not exist. Put the GGUF file there, or correct the path in the configuration.",
    );
  });

  test("a folder", async () => {
    await mkdir(join(folder, "folder.gguf"));
    expect(await complaint(join(folder, "folder.gguf"))).toMatch("…/folder.gguf is not a file");
  });

  test("another kind of file, and an empty one", async () => {
    expect(await complaint(await written("text.gguf", "Once upon a time"))).toMatch(
      'is not a whole GGUF file: it begins with "Once" where "GGUF" is expected',
    );
    expect(await complaint(await written("empty.gguf", ""))).toMatch("it ends within its own head");
  });

  test("cut off in its tensors", async () => {
    const bytes = tinyGguf();
    const path = await written("cut.gguf", bytes.subarray(0, bytes.length - 1));
    expect(await complaint(path)).toBe(
      `The model llama/m cannot be used: …/cut.gguf is cut off: it has ${bytes.length - 1} of ${bytes.length} bytes. Fetch the file again.`,
    );
  });

  test("cut off anywhere in its head", async () => {
    const bytes = tinyGguf();
    for (const length of [4, 12, 23, 100, 1000, 5000]) {
      const path = await written("head.gguf", bytes.subarray(0, length));
      expect(await complaint(path)).toMatch("it ends within its own head, so it is cut off");
    }
  });

  test("damaged lengths end in a complaint, not in a huge allocation", async () => {
    const bytes = Uint8Array.from(tinyGguf());
    bytes.fill(0xff, 16, 24);
    expect(await complaint(await written("damaged.gguf", bytes))).toMatch("so it is damaged");
  });

  test("no vocabulary, a token twice, no model, pictures only", async () => {
    const other = (metadata: Record<string, string | readonly string[]>): Uint8Array =>
      encodeGguf({ "general.architecture": "llama", ...metadata }, [
        { name: "x", shape: [4], values: new Float32Array(4) },
      ]);
    expect(await complaint(await written("a.gguf", other({})))).toMatch("holds no vocabulary");
    const twice = other({ "tokenizer.ggml.tokens": ["a", "b", "a"] });
    expect(await complaint(await written("b.gguf", twice))).toMatch("holds a token twice");
    expect(await complaint(await written("c.gguf", encodeGguf({}, [])))).toMatch("holds no model");
    expect(await complaint(await written("d.gguf", other({ "general.architecture": "clip" })))).toMatch(
      "holds only the part of a model that sees pictures",
    );
  });

  test("a model in several files: a part that is missing, and a part that is not the first", async () => {
    const first = await written("big-00001-of-00002.gguf", tinyGguf());
    expect(await complaint(first)).toMatch("the file …/big-00002-of-00002.gguf does not exist");
    const second = await written("big-00002-of-00002.gguf", tinyGguf());
    expect(await complaint(second)).toMatch("Configure its first part, big-00001-of-00002.gguf.");
    expect((await checkModelFile("m", first)).bytes).toBe(2 * tinyGguf().length);
    const renamed = await written("renamed.gguf", tinyGguf({ metadata: { "split.count": 3 } }));
    expect(await complaint(renamed)).toMatch("Give the parts their names back");
  });
});
