import { subscribe } from "node:diagnostics_channel";
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
const { url } = await serveGateway({ app: createGateway({ engines: { llama: engine } }) });
subscribe(CALL_COMPLETE, (message) => {
  const { id, at } = message as CallComplete;
  process.send?.({ id, at: String(at) });
});
process.send?.({ url });
process.once("disconnect", () => void engine.close().finally(() => process.exit()));
