import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LlamaContext, LlamaContextSequence } from "node-llama-cpp";
import { openPromptCache } from "../src/cache/open-prompt-cache.ts";
import { createGateway } from "../src/create-gateway.ts";
import { createLlamaEngine } from "../src/engines/llama/create-llama-engine.ts";
import { serveGateway } from "../src/serve-gateway.ts";
import type { MeasuredServerOptions } from "./support/measured-server.ts";

/**
 * The gateway over one GGUF file, for `MeasuredServer`: tells its parent where it listens, what was placed of each prompt,
 * and, whenever it is sent anything, what took how long since it was last asked.
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
const taken = { evaluate: 0, save: 0, plan: 0, measure: 0 };
// All that is evaluated passes through this method, which is not public.
countTime(LlamaContext.prototype, "_decodeTokens", "evaluate");
countTime(LlamaContextSequence.prototype, "saveStateToFile", "save");
countTime(kept.promptCache, "plan", "plan");
countTime(engine, "measure", "measure");
const app = createGateway({ engines: { llama: engine }, promptCache: kept.promptCache });
const { url } = await serveGateway({ app });

process.on("message", () => {
  process.send?.({ taken: { ...taken, own: ownTime(), rss: process.memoryUsage.rss() } });
  Object.assign(taken, { evaluate: 0, save: 0, plan: 0, measure: 0 });
});
process.once("disconnect", async () => {
  await engine.close();
  await kept[Symbol.asyncDispose]();
  process.exit();
});
process.send?.({ url });

/** Milliseconds that the thread of JavaScript has had the processor so far; llama.cpp computes on others. */
function ownTime(): number {
  if (process.platform !== "linux") return Number.NaN;
  return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1e6;
}

function countTime(owner: object, method: string, as: keyof typeof taken): void {
  const original: unknown = Reflect.get(owner, method);
  if (typeof original !== "function") throw new Error(`There is no ${method} any more`);
  Reflect.set(owner, method, async function timed(this: unknown, ...given: readonly unknown[]) {
    const began = performance.now();
    try {
      return await original.apply(this, given);
    } finally {
      taken[as] += performance.now() - began;
    }
  });
}
