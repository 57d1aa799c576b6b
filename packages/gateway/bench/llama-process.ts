import { subscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { openPromptCache } from "../src/cache/open-prompt-cache.ts";
import { createGateway } from "../src/create-gateway.ts";
import { createLlamaEngine } from "../src/engines/llama/create-llama-engine.ts";
import { CALL_COMPLETE, type CallComplete } from "../src/engines/llama/generation/answer-events.ts";
import { serveGateway } from "../src/serve-gateway.ts";

/**
 * The gateway over one GGUF file, for `llama.ts` and `prompt-cache.ts`: tells its parent where it listens, and when calls
 * were complete. Where a folder is given, states of prompts outlive the process there.
 */
const [path = "", threads, contextSize = "4096", folder] = process.argv.slice(2);
const engine = createLlamaEngine({
  models: { m: { path, contextSize: Number(contextSize), sequences: 4 } },
  sampling: { temperature: 0 },
  ...(threads ? { threads: Number(threads) } : {}),
  ...(folder ? { promptCache: { folder } } : {}),
});
const kept = folder
  ? await openPromptCache({ path: join(folder, "entries.log"), warn: console.error })
  : null;
const app = createGateway({ engines: { llama: engine }, ...(kept ? { promptCache: kept.promptCache } : {}) });
const { url } = await serveGateway({ app });
subscribe(CALL_COMPLETE, (message) => {
  const { id, at } = message as CallComplete;
  process.send?.({ id, at: String(at) });
});
process.send?.({ url });
process.once("disconnect", async () => {
  await engine.close();
  await kept?.[Symbol.asyncDispose]();
  process.exit();
});
