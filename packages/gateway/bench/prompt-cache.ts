import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeTinyGguf } from "@ml-intern/testkit";
import { askMessages, type Question, tokensPerSecond } from "./support/ask-messages.ts";
import { machine } from "./support/figures.ts";
import { Interleaved } from "./support/interleaved.ts";
import {
  findLlamaServer,
  llamaServerVersion,
  startGateway,
  startLlamaServer,
} from "./support/model-servers.ts";
import { words as wordsOf } from "./support/timed-message.ts";

// What the prompt cache of the embedded engine saves, through HTTP, tokenizing and template included, beside a
// llama-server with its default flags, where there is one:
//   npm run bench:prompt-cache [-- --peer path/to/llama-server] [-- --rounds 5] [-- --threads 2]
// With a model of one's own, or with random weights in layers as wide as those of a model with 0.5B parameters:
//   npm run bench:prompt-cache -- --model file.gguf --only full-hit,writing
//   npm run bench:prompt-cache -- --wide --only full-hit,writing
const { values: given } = parseArgs({
  options: {
    model: { type: "string" },
    wide: { type: "boolean", default: false },
    peer: { type: "string" },
    rounds: { type: "string", default: "5" },
    threads: { type: "string" },
    only: { type: "string" },
  },
});
const rounds = Number(given.rounds);
const CONTEXT = 20_000;
/** Six of the 24 layers of Qwen2.5 0.5B: what a token costs beside attention is in the same proportion. */
const WIDE = { layers: 6, shape: { width: 896, heads: 14, keyHeads: 2, inner: 4864 } };

const PARTS = { conversations, "sub-agents": subAgents, "full-hit": fullHit, writing, restart };
const parts = given.only ? given.only.split(",") : Object.keys(PARTS);

const folder = await mkdtemp(join(tmpdir(), "prompt-cache-"));
const model = given.model ?? join(folder, "tiny.gguf");
if (!given.model) {
  const size = given.wide ? WIDE : { layers: 4 };
  await writeTinyGguf(model, { contextLength: 32_768, wholeCharacters: true, ...size });
}
const charactersPerToken = given.model ? 4 : 1;
const peer = findLlamaServer(given.peer);
const threads = given.threads;
const states = join(folder, "states");
const bench = new Interleaved([
  { name: "ours", start: () => startGateway({ model, folder: states, contextSize: CONTEXT, threads }) },
  ...(peer ? [{ name: "llama-server", start: () => startLlamaServer(peer, model) }] : []),
]);

console.log(
  `${machine()}; ${given.model ?? `random weights, ${given.wide ? "wide" : "tiny"}; a token is a character`}`,
);
console.log(
  peer
    ? `llama-server ${llamaServerVersion(peer)}, default flags; in turns with it`
    : "No llama-server was found on the PATH: --peer path/to/llama-server compares with it",
);
console.log("Milliseconds to the first text, or tokens/s: median (least to most)\n");
try {
  await bench.restart();
  await bench.prepare((url) => askMessages(url, { system: "Hello", said: "Hello" }));
  for (const [name, measure] of Object.entries(PARTS)) if (parts.includes(name)) await measure();
  console.log(bench.table());
} finally {
  await bench.stop();
  await rm(folder, { recursive: true });
}

function mainConversation(round: number): Question {
  return { system: words(2400, 1000 + round), said: words(11_600, 2000 + round) };
}

async function conversations(): Promise<void> {
  const colds = Math.min(rounds, 3);
  const main = mainConversation(colds - 1);
  const { system } = main;
  await bench.step(
    "a conversation of 14k tokens, cold",
    { rounds: colds, wanted: "as the peer" },
    (url, round) => askMessages(url, mainConversation(round)),
  );
  await bench.step("the same again", { rounds }, (url) => askMessages(url, main));
  await bench.step("back to it after a sub-agent", { rounds, wanted: "at most 100" }, async (url, round) => {
    await askMessages(url, { system, said: words(70, 100 + round) });
    return askMessages(url, main);
  });
  await bench.step("back to it after six other conversations", { rounds: 1 }, async (url) => {
    for (let other = 0; other < 6; other++) {
      await askMessages(url, { system: words(200, 50 + other), said: words(1500, 60 + other) });
    }
    return askMessages(url, main);
  });
}

async function subAgents(): Promise<void> {
  const system = words(8900, 3);
  await bench.prepare((url) => askMessages(url, { system, said: "Hello" }));
  const name = "four sub-agents at once over a warm prefix of 9k: the last of them";
  await bench.step(name, { rounds, wanted: "at most 500" }, async (url, round) => {
    const said = [1, 2, 3, 4].map((agent) => words(70, round * 10 + agent));
    const agents = await Promise.all(said.map((each) => askMessages(url, { system, said: each })));
    return agents.reduce((last, each) => (each.firstMs > last.firstMs ? each : last));
  });
}

async function fullHit(): Promise<void> {
  const colds = Math.min(rounds, 3);
  const eight = (round: number): Question => ({
    system: words(8100, 200 + round),
    said: words(80, 300 + round),
  });
  const cold = await bench.step("8k tokens, cold", { rounds: colds, wanted: "as the peer" }, (url, round) =>
    askMessages(url, eight(round)),
  );
  const hit = await bench.step(
    "8k tokens, all of it in the cache",
    { rounds, wanted: "100 times sooner" },
    (url) => askMessages(url, eight(colds - 1)),
  );
  const times = cold.map((ms, index) => `${(ms / (hit[index] ?? ms)).toFixed(0)} times`);
  console.log(`All of 8k tokens in the cache: sooner by ${times.join("; the peer ")}\n`);
}

async function writing(): Promise<void> {
  const options = { rounds, value: tokensPerSecond, wanted: "as the peer" };
  await bench.step("tokens/s written after 200 tokens", options, (url, round) =>
    askMessages(url, { system: "Hello", said: words(200, 400 + round), tokens: 128, temperature: 1 }),
  );
  const system = words(8100, 6);
  await bench.prepare((url) => askMessages(url, { system, said: "Hello" }));
  for (const temperature of [1, 0]) {
    await bench.step(`tokens/s after 8k tokens, temperature ${temperature}`, options, (url, round) =>
      askMessages(url, { system, said: words(80, 500 + round), tokens: 128, temperature }),
    );
  }
}

async function restart(): Promise<void> {
  const main = mainConversation(0);
  await bench.prepare((url) => askMessages(url, main));
  await bench.restart();
  // Loading the model is not what is measured.
  await bench.prepare((url) => askMessages(url, { system: "Hello", said: "Hello" }));
  const name = "a conversation of 14k tokens, first after a restart";
  await bench.step(name, { rounds: 1, wanted: "at most 150" }, (url) => askMessages(url, main));
}

/** Words of about so many tokens, the same for the same seed. */
function words(tokens: number, seed: number): string {
  return wordsOf(tokens * charactersPerToken, seed);
}
