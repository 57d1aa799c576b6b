import { afterEach, beforeEach, expect, it } from "vitest";
import { type EmbeddedHub, embeddedHub } from "../../testing/embedded-hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import { createHubRepo } from "../repositories/create-hub-repo.ts";
import { createHubTag } from "../repositories/create-hub-tag.ts";
import { uploadHubFiles } from "../repositories/upload-hub-files.ts";
import { cardText } from "./card-text.ts";
import { configFacts } from "./config-facts.ts";
import { describeModel } from "./describe-model.ts";
import { inspectHubModel } from "./inspect-hub-model.ts";

const signal = new AbortController().signal;
const repo: HubRepo = { kind: "model", id: "me/net" };
let server: EmbeddedHub;
beforeEach(async () => {
  server = await embeddedHub();
  await createHubRepo(server.open(), { repo, isPublic: true, signal });
});
afterEach(() => server[Symbol.asyncDispose]());

async function upload(files: Readonly<Record<string, BlobPart>>): Promise<void> {
  await uploadHubFiles(server.open(), {
    repo,
    title: "Files",
    files: Object.entries(files).map(([path, content]) => ({ path, content: new Blob([content]) })),
    signal,
  });
}

type BlobPart = string | Uint8Array<ArrayBuffer>;

/** A safetensors file of one matrix and one vector. */
function safetensors(): Uint8Array<ArrayBuffer> {
  const header = JSON.stringify({
    weight: { dtype: "F32", shape: [8, 16], data_offsets: [0, 512] },
    bias: { dtype: "F16", shape: [16], data_offsets: [512, 544] },
  });
  const bytes = new Uint8Array(8 + header.length + 544);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

const config = {
  architectures: ["Qwen3ForCausalLM"],
  hidden_size: 1024,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  max_position_embeddings: 40960,
  vocab_size: 151936,
  torch_dtype: "bfloat16",
};

it("a model is told with its files, parameters, configuration, template, origin and card", async () => {
  await upload({
    "README.md":
      "---\nlicense: apache-2.0\npipeline_tag: text-generation\nlibrary_name: transformers\nbase_model: Qwen/Qwen3-0.6B\n---\n\n# Net\n\nA small one.\n",
    "config.json": JSON.stringify(config),
    "tokenizer_config.json": JSON.stringify({ chat_template: "{{ messages }}" }),
    "model.safetensors": safetensors(),
  });
  const facts = await inspectHubModel(server.open(), { repo, signal });
  expect(facts).toMatchObject({
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    access: { licence: "apache-2.0", gated: false, isPrivate: false },
    task: "text-generation",
    library: "transformers",
    baseModels: ["Qwen/Qwen3-0.6B"],
    parameters: { total: 144, byType: { F32: 128, F16: 16 } },
    config: {
      architecture: "Qwen3ForCausalLM",
      hiddenSize: 1024,
      contextLength: 40960,
      dtype: "bfloat16",
      adapter: null,
    },
    hasChatTemplate: true,
    card: "# Net\n\nA small one.",
    notes: [],
  });
  expect(facts.files).toContainEqual({ path: "model.safetensors", bytes: safetensors().byteLength });
  const document = describeModel(facts);
  for (const line of [
    "- licence apache-2.0",
    "- made from Qwen/Qwen3-0.6B",
    "- 144 parameters (F32 128, F16 16)",
    "hidden size 1024, 28 layers, 16 heads, context 40,960",
    "- chat template: yes",
  ])
    expect(document).toContain(line);
});

it("an adapter names what it adapts, at the revision that was asked for", async () => {
  await upload({
    "adapter_config.json": JSON.stringify({
      peft_type: "LORA",
      base_model_name_or_path: "Qwen/Qwen3-0.6B",
      r: 16,
    }),
    "chat_template.jinja": "{{ messages }}",
  });
  await createHubTag(server.open(), { repo, tag: "v1", signal });
  await upload({ "adapter_config.json": "{}" });
  const facts = await inspectHubModel(server.open(), { repo, revision: "v1", signal });
  expect(facts.config?.adapter).toEqual({ kind: "LORA", base: "Qwen/Qwen3-0.6B", rank: 16 });
  expect([facts.baseModels, facts.hasChatTemplate]).toEqual([["Qwen/Qwen3-0.6B"], true]);
  expect(describeModel(facts)).toContain("LORA adapter of rank 16");
  expect(facts.notes).toEqual([{ text: "No licence is stated.", mend: expect.any(String) }]);
});

it("damaged files are notes, a gated model shows what everybody may see, one that is not there is an error", async () => {
  await upload({
    "README.md": "---\nlicense: mit\n---\n",
    "config.json": '{"hidden_size": ',
    "tokenizer_config.json": "{}",
    "model.safetensors": new Uint8Array(100).fill(255),
  });
  const damaged = await inspectHubModel(server.open(), { repo, signal });
  expect(damaged).toMatchObject({ config: null, parameters: null, card: null, hasChatTemplate: false });
  expect(damaged.notes).toEqual([{ text: "config.json is no whole JSON.", mend: null }]);
  await server.open().web.request({
    url: `${server.url}/api/models/me/net/settings`,
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: '{"gated": "auto"}',
    signal,
  });
  const gated = await inspectHubModel(server.open({ token: "hf_other" }), { repo, signal });
  expect(gated.access).toEqual({ licence: "mit", gated: "auto", isPrivate: false });
  expect(gated.files).toHaveLength(5);
  expect(gated.notes).toEqual([
    {
      text: "model me/net is gated: its owner has to let you in.",
      mend: expect.stringContaining("Ask for access"),
    },
  ]);
  const nothing = { kind: "model", id: "me/nothing" } as const;
  await expect(inspectHubModel(server.open(), { repo: nothing, signal })).rejects.toMatchObject({
    code: "web/not_found",
    mend: expect.stringContaining("search"),
  });
});

it("configurations of models of several parts are read where the text part is", () => {
  const facts = configFacts({
    architectures: ["Gemma3ForConditionalGeneration"],
    text_config: { hidden_size: 5376, num_hidden_layers: 62, max_position_embeddings: 131072 },
    quantization_config: { quant_method: "bitsandbytes" },
  });
  expect(facts).toMatchObject({ hiddenSize: 5376, contextLength: 131072, quantization: "bitsandbytes" });
  expect(configFacts({ n_embd: 768, n_layer: 12, n_ctx: 1024, model_type: "gpt2" })).toMatchObject({
    architecture: "gpt2",
    hiddenSize: 768,
    layers: 12,
    contextLength: 1024,
  });
  expect(configFacts([1])).toBeNull();
});

it("a card is shown without its front matter, and cut at a line", () => {
  expect(cardText("---\nlicense: mit\n---\n# A\n", 100)).toBe("# A");
  expect(cardText("# A\n---\nb\n", 100)).toBe("# A\n---\nb");
  expect(cardText("---\nlicense: mit\n---\n", 100)).toBeNull();
  expect(cardText(`${"line\n".repeat(100)}`, 22)).toBe("line\nline\nline\nline\n\n… 477 more characters");
});
