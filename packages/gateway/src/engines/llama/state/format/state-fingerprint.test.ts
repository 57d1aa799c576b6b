import { mkdtemp, open, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTinyGguf } from "@ml-intern/testkit";
import { expect, onTestFinished, test } from "vitest";
import { checkModelFile } from "../../models/check-model-file.ts";
import { type FingerprintOptions, stateFingerprint } from "./state-fingerprint.ts";
import type { StateShape } from "./state-shape.ts";

const shape: StateShape = {
  streams: 2,
  sections: [
    {
      ...{ kind: "attention", layers: 1, cells: "position", isWindow: false },
      parts: [{ type: 1, rowBytes: 64 }],
    },
  ],
};

test("is the same for the same model and settings, and another for all that changes what a state means", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fingerprint-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "m.gguf");
  const of = async (options: Partial<FingerprintOptions> = {}): Promise<string> => {
    await utimes(path, 1000, 1000);
    const file = await checkModelFile("m", path);
    return stateFingerprint({
      ...{ file, shape, contextSize: 4096, library: "3.22.1", flashAttention: true, swaFullCache: true },
      ...options,
    });
  };
  await writeTinyGguf(path);
  const first = await of();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await of()).toBe(first);
  expect(await of({ shape: { ...shape, streams: 4 }, contextSize: 8192 })).toBe(first);

  const lora = { path, scale: 1 };
  const sections = [{ kind: "recurrent", layers: 1, parts: [] }] as const;
  const others = [
    await of({ library: "3.22.2" }),
    await of({ flashAttention: false }),
    await of({ swaFullCache: false }),
    await of({ shape: { streams: 2, sections } }),
    await of({ rope: { frequencyBase: 10_000 } }),
    await of({ rope: { frequencyScale: 10_000 } }),
    await of({ loras: [lora] }),
    await of({ loras: [{ ...lora, scale: 0.5 }] }),
  ];
  const withOldTime = await checkModelFile("m", path);
  await utimes(path, 2000, 2000);
  others.push(await stateFingerprint({ ...DEFAULTS, file: withOldTime }));
  // The same sizes and the same head, written at the same time: only the weights are others.
  await writeTinyGguf(path, { seed: 2 });
  others.push(await of());
  await writeTinyGguf(path, { name: "Tini" });
  others.push(await of());
  await writeTinyGguf(path, { metadata: { "llama.rope.scaling.original_context_length": 4096 } });
  others.push(await of(), await of({ contextSize: 8192 }));
  expect(new Set([first, ...others]).size).toBe(others.length + 1);
});

const DEFAULTS = { shape, contextSize: 4096, library: "3.22.1", flashAttention: true, swaFullCache: true };

test("a file of many gigabytes takes no longer than its samples", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fingerprint-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "m.gguf");
  await writeTinyGguf(path);
  const file = await checkModelFile("m", path);
  await using handle = await open(path, "r+");
  await handle.truncate(20 * 1024 ** 3);
  const began = performance.now();
  await stateFingerprint({ ...DEFAULTS, file });
  expect(performance.now() - began).toBeLessThan(5000);
});
