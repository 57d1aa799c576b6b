import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLlamaRuntime } from "../../runtime/llama-runtime.ts";
import { FAMILIES, fuzzPromptMemory } from "./fuzz-prompt-memory.ts";

test("whatever conversations come to, a model says what it would say without any memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fuzz-prompt-memory-"));
  // Loading llama.cpp for each life of an engine takes longer than its life.
  const runtime = await openLlamaRuntime({ threads: 1, log: () => {} });
  try {
    const { tallies, faults } = await fuzzPromptMemory({ folder, seed: 1, conversations: 20 });
    expect(faults).toEqual([]);
    const all = FAMILIES.flatMap((family) => tallies.get(family) ?? []);
    expect(all.map(({ conversations }) => conversations)).toEqual([5, 5, 5, 5]);
    for (const { finished, equal, share, restarts } of all) {
      expect(equal).toBe(finished);
      expect(finished).toBeGreaterThan(8);
      expect(restarts).toBeGreaterThan(1);
      // Otherwise there was nothing that could have gone wrong.
      expect(share).toBeGreaterThan(0.1);
    }
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true });
  }
});
