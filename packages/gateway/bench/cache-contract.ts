// What the contract of the prompt cache costs by itself: no engine, no tokenizer, no HTTP.
//   node --expose-gc --conditions=source --import tsx packages/gateway/bench/cache-contract.ts
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessagesRequest } from "@ml-intern/messages";
import { createPromptCache, type PromptCache } from "../src/cache/create-prompt-cache.ts";
import type { EntryStore } from "../src/cache/entries/entry-store.ts";
import { FileEntryStore } from "../src/cache/entries/file-entry-store.ts";
import { MemoryEntryStore } from "../src/cache/entries/memory-entry-store.ts";
import type { Measure } from "../src/cache/measure.ts";
import { cacheLedgerOf } from "../src/pipeline/cache-ledger.ts";
import type { Candidate } from "../src/pipeline/resolve-models.ts";
import type { RequestNotes } from "../src/routes/gateway-env.ts";
import { machine, quantile, table } from "./support/figures.ts";

/** A turn is an answer with a call, and its result: 1,000 tokens of four characters. */
const TURN_TOKENS = 1_000;
const START = 1_700_000_000_000;
const marker = { cache_control: { type: "ephemeral", ttl: "1h" } };

/** An agent's conversation of so many turns with a system prompt and a marker on its last result, as it comes in. */
function conversation(name: string, turns: number): string {
  const messages = Array.from({ length: turns }, (_, turn) => [
    {
      role: "assistant",
      content: [
        { type: "text", text: `${name} ${turn} `.padEnd(200, "I look at the file. ") },
        {
          type: "tool_use",
          id: `t${turn}`,
          name: "read",
          input: { path: `/src/${turn}.ts`, lines: [1, 80] },
        },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: `t${turn}`,
          content: [
            { type: "text", text: `${turn} `.padEnd(TURN_TOKENS * 4 - 260, "a line of source code;\n") },
          ],
          ...(turn === turns - 1 ? marker : {}),
        },
      ],
    },
  ]).flat();
  const system = [{ type: "text", text: "You are a careful engineer. ".repeat(20), ...marker }];
  return JSON.stringify({
    model: "m",
    max_tokens: 1,
    system,
    messages: [{ role: "user", content: name }, ...messages],
  });
}

function measureTurns(turns: number): Measure {
  return async (places) => ({
    total: turns * TURN_TOKENS + 200,
    at: places.map((place) => (place.section === "messages" ? (place.message / 2) * TURN_TOKENS : 0) + 140),
  });
}

/** Plans a request that has just been parsed, and lets its response begin. Returns the milliseconds that both took. */
async function turn(cache: PromptCache, body: string, turns: number): Promise<Cost> {
  const request = JSON.parse(body) as MessagesRequest;
  const used = process.cpuUsage();
  const begun = performance.now();
  const plan = await cache.plan(request, {
    workspace: "w",
    model: "llama/m",
    startedAt: START,
    measure: measureTurns(turns),
  });
  plan.begun();
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(used);
  return { wall, cpu: (user + system) / 1000 };
}

/** Milliseconds on the clock, and of the processor, which a busy machine does not change. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

const COST_COLUMNS = ["p50 ms", "p99 ms", "CPU ms, mean"];
function costCells(costs: readonly Cost[]): readonly string[] {
  const walls = costs.map(({ wall }) => wall);
  const mean = costs.reduce((sum, { cpu }) => sum + cpu, 0) / costs.length;
  return [quantile(walls, 0.5), quantile(walls, 0.99), mean].map((value) => value.toFixed(2));
}

function cacheOver(store: EntryStore): PromptCache {
  return createPromptCache({ now: () => START, store, minimumTokens: () => 1 });
}

const collect = (globalThis as { readonly gc?: () => void }).gc;
function heap(): number {
  collect?.();
  return process.memoryUsage().heapUsed;
}

const CONVERSATION = 10;

/** Conversations of 10,000 tokens, cached turn by turn, and then the next turn of any of them. */
async function index(tokens: number, store: EntryStore): Promise<readonly string[]> {
  const cache = cacheOver(store);
  const conversations = tokens / (CONVERSATION * TURN_TOKENS);
  const before = heap();
  for (let at = 0; at < conversations; at++) {
    for (let turns = 1; turns <= CONVERSATION; turns++)
      await turn(cache, conversation(`c${at}`, turns), turns);
  }
  // Until the file has been written, its lines wait in memory.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const bytes = heap() - before;
  const times: Cost[] = [];
  for (let round = 0; round < 3_000; round++) {
    const at = (round * 7919) % conversations;
    times.push(await turn(cache, conversation(`c${at}`, CONVERSATION), CONVERSATION));
  }
  let entries = 0;
  for await (const _ of store.scan()) entries++;
  return [`${tokens / 1e6}M`, String(entries), (bytes / tokens).toFixed(3), ...costCells(times)];
}

/** A conversation that grows by one turn with each request. */
async function growth(tokens: number): Promise<readonly string[]> {
  const turns = tokens / TURN_TOKENS;
  const cache = cacheOver(new MemoryEntryStore());
  const times: Cost[] = [];
  for (let round = 0; round < 60; round++) {
    await turn(cache, conversation(`g${round}`, turns), turns);
    const body = conversation(`g${round}`, turns + 1);
    times.push(await turn(cache, body, turns + 1));
  }
  const parsing = Array.from({ length: 20 }, () => {
    const body = conversation("p", turns + 1);
    const begun = performance.now();
    JSON.parse(body);
    return performance.now() - begun;
  });
  return [`${tokens / 1000}k`, String(3 * turns + 4), ...costCells(times), quantile(parsing, 0.5).toFixed(2)];
}

/** As many messages as a request may have, four marked. */
async function hostile(): Promise<readonly string[]> {
  const messages = Array.from({ length: 100_000 }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "assistant",
    content: [{ type: "text", text: `message ${at}`, ...(at % 25_000 === 24_999 ? marker : {}) }],
  }));
  const body = JSON.stringify({ model: "m", max_tokens: 1, messages });
  const cache = cacheOver(new MemoryEntryStore());
  const costs: Cost[] = [];
  for (let round = 0; round < 5; round++) costs.push(await turn(cache, body, 1));
  const begun = performance.now();
  JSON.parse(body);
  return ["100k short messages", "100000", ...costCells(costs), (performance.now() - begun).toFixed(2)];
}

/** What following an upstream's cache costs a request that is relayed: the next turn of a conversation, found again. */
async function ledger(tokens: number): Promise<readonly string[]> {
  const turns = tokens / TURN_TOKENS;
  const promptCache = cacheOver(new MemoryEntryStore());
  const candidate = { fullName: "claude/m" } as Candidate;
  const costs: Cost[] = [];
  for (let round = 0; round < 300; round++) {
    const body = JSON.parse(conversation("relayed", turns + (round % 2))) as object;
    const notes: RequestNotes = { input_tokens: 10, cache_creation_input_tokens: tokens };
    const used = process.cpuUsage();
    const begun = performance.now();
    const options = { promptCache, workspace: "w", startedAt: START, notes };
    (await cacheLedgerOf(candidate, body, options))?.counted();
    const wall = performance.now() - begun;
    const { user, system } = process.cpuUsage(used);
    costs.push({ wall, cpu: (user + system) / 1000 });
    if (round > 1 && !notes.cache_promised_tokens) throw new Error("Nothing was promised");
  }
  return [`${tokens / 1000}k`, ...costCells(costs)];
}

console.log(machine());
if (!collect) console.log("Without --expose-gc the bytes mean nothing.");

console.log("\nplan() and begun() for the next turn of a conversation of 10k tokens");
const columns = ["tokens cached", "entries", "heap bytes/token", ...COST_COLUMNS];
const folder = await mkdtemp(join(tmpdir(), "cache-contract-"));
try {
  await index(200_000, new MemoryEntryStore());
  const rows = [
    ["in memory", ...(await index(2_000_000, new MemoryEntryStore()))],
    ["in memory", ...(await index(10_000_000, new MemoryEntryStore()))],
  ];
  for (const tokens of [2_000_000, 10_000_000]) {
    const path = join(folder, `${tokens}`, "entries.jsonl");
    const store = await FileEntryStore.open({ path, now: () => START });
    const row = await index(tokens, store);
    await store.close();
    const { size } = await stat(path);
    const opening = performance.now();
    await (await FileEntryStore.open({ path, now: () => START })).close();
    const opened = `opened in ${(performance.now() - opening).toFixed(0)} ms`;
    rows.push([`file, ${(size / 1024).toFixed(0)} KB, ${opened}`, ...row]);
  }
  console.log(table(["store", ...columns], rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}

console.log("\na turn of 1k tokens more");
const curve = [];
for (const tokens of [10_000, 50_000, 200_000]) curve.push(await growth(tokens));
curve.push(await hostile());
console.log(table(["conversation", "blocks", ...COST_COLUMNS, "JSON.parse p50 ms"], curve));

console.log("\nfollowing an upstream's cache, for a request that is relayed");
const relayed = [];
for (const tokens of [2_000, 10_000, 50_000, 200_000]) relayed.push(await ledger(tokens));
console.log(table(["conversation", ...COST_COLUMNS], relayed));
