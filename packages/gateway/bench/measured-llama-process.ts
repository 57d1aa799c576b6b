import { join } from "node:path";
import { LlamaContext, LlamaContextSequence } from "node-llama-cpp";
import { openPromptCache } from "../src/cache/open-prompt-cache.ts";
import { createGateway } from "../src/create-gateway.ts";
import { createLlamaEngine } from "../src/engines/llama/create-llama-engine.ts";
import { serveGateway } from "../src/serve-gateway.ts";
import type { MeasuredServerOptions } from "./support/measured-server.ts";

/**
 * The gateway over one GGUF file, for `MeasuredServer`: tells its parent where it listens, what was placed of each prompt,
 * and, whenever it is sent anything, how long llama.cpp worked since it was last asked.
 */
const options = JSON.parse(process.argv[2] ?? "{}") as MeasuredServerOptions;
const { path, contextSize, folder, diskLimit, memoryLimit } = options;
const engine = createLlamaEngine({
  models: { m: { path, contextSize, sequences: 4 } },
  sampling: { temperature: 0 },
  promptCache: { folder: join(folder, "states"), diskLimit, memoryLimit },
  onPrompt: (placed) => process.send?.({ placed: { ...placed, at: String(process.hrtime.bigint()) } }),
});
const kept = await openPromptCache({ path: join(folder, "entries.log"), warn: console.error });
const app = createGateway({ engines: { llama: engine }, promptCache: kept.promptCache });
const { url } = await serveGateway({ app });

const library = { evaluate: 0, save: 0, load: 0 };
// All that is evaluated passes through this method, which is not public.
countTime(LlamaContext.prototype as object, "_decodeTokens", "evaluate");
countTime(LlamaContextSequence.prototype, "saveStateToFile", "save");
countTime(LlamaContextSequence.prototype, "loadStateFromFile", "load");

process.on("message", () => {
  process.send?.({ taken: { library, rss: process.memoryUsage.rss() } });
  Object.assign(library, { evaluate: 0, save: 0, load: 0 });
});
process.once("disconnect", async () => {
  await engine.close();
  await kept[Symbol.asyncDispose]();
  process.exit();
});
process.send?.({ url });

function countTime(prototype: object, method: string, as: keyof typeof library): void {
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== "function") throw new Error(`The library has no ${method} any more`);
  Reflect.set(prototype, method, async function timed(this: unknown, ...given: readonly unknown[]) {
    const began = performance.now();
    try {
      return await original.apply(this, given);
    } finally {
      library[as] += performance.now() - began;
    }
  });
}
