import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeTinyGguf } from "@ml-intern/testkit";
import { machine, quantile, table } from "./support/figures.ts";
import { type MeasuredMessage, MeasuredServer, type Taken } from "./support/measured-server.ts";
import { words } from "./support/timed-message.ts";

// What a turn of 1,000 tokens costs besides the model's work, the longer its conversation is: HTTP, validation, template,
// tokenizing, the plan of the cache, the store. A token is a character; a real tokenizer has four times the text.
//   npm run bench:prompt-cache-growth [-- --longest 200000] [-- --rounds 7]
const { values: given } = parseArgs({
  options: { longest: { type: "string", default: "200000" }, rounds: { type: "string", default: "7" } },
});
const longest = Number(given.longest);
const rounds = Number(given.rounds);
const LENGTHS = [10_000, 25_000, 50_000, 100_000, 200_000].filter((length) => length <= longest);
const TURN = 1_000;
/** Turns that are read at once where nothing is measured. */
const STEP = 10;
const MARKER = { cache_control: { type: "ephemeral", ttl: "1h" } };

const HEAD = [
  "conversation",
  "processor time of the server itself, ms",
  "before reading, ms",
  "of it template and tokenizer",
  "of it the contract",
  "after reading, ms",
  "llama.cpp saves its state, ms",
  "llama.cpp reads 1,000 tokens, ms",
];

interface Turn {
  readonly answer: MeasuredMessage;
  readonly taken: Taken;
}

/** Turns of the conversation that were read so far. */
let reached = 0;
const folder = await mkdtemp(join(tmpdir(), "prompt-cache-growth-"));
try {
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path, { contextLength: 262_144, layers: 1 });
  console.log(`${machine()}; tiny model of random weights, 1 layer, a token is a character\n`);
  const contextSize = longest + (rounds + 2) * TURN;
  const limits = { diskLimit: 1e9, memoryLimit: 1e9 };
  const server = await MeasuredServer.start({ path, contextSize, folder, ...limits });
  const rows: string[][] = [];
  for (const length of LENGTHS) {
    rows.push(await turnsAt(server, length));
    console.error(rows.at(-1)?.join("  "));
  }
  await server.stop();
  console.log(table(HEAD, rows));
} finally {
  await rm(folder, { recursive: true });
}

/** The next turns of a conversation of so many tokens. */
async function turnsAt(server: MeasuredServer, length: number): Promise<string[]> {
  const before = Math.round(length / TURN);
  // By steps: a client does not wait for ever for an answer to begin.
  for (let at = reached + STEP; at < before; at += STEP) await server.ask(conversation(at));
  await server.ask(conversation(before));
  reached = before + rounds;
  const turns: Turn[] = [];
  for (let round = 1; round <= rounds; round++) {
    const { own } = await server.taken();
    const answer = await server.ask(conversation(before + round));
    const taken = await server.taken();
    turns.push({ answer, taken: { ...taken, own: taken.own - own } });
  }
  const median = (pick: (turn: Turn) => number): string => quantile(turns.map(pick), 0.5).toFixed(1);
  return [
    length.toLocaleString("en"),
    median(({ taken }) => taken.own),
    median(({ answer }) => answer.placedMs),
    median(({ taken }) => taken.measure),
    median(({ taken }) => taken.plan - taken.measure),
    median(({ answer, taken }) => answer.totalMs - answer.placedMs - taken.evaluate - taken.save),
    median(({ taken }) => taken.save),
    median(({ taken }) => taken.evaluate),
  ];
}

/** Turns of an assistant that looks something up, with a marker where the next turn goes on. */
function conversation(turns: number) {
  const messages = Array.from({ length: turns }, (_, turn) => [
    {
      role: "user",
      content: [{ type: "text", text: words(800, 1000 + turn), ...(turn === turns - 1 ? MARKER : {}) }],
    },
    ...(turn === turns - 1 ? [] : [{ role: "assistant", content: words(150, 5000 + turn) }]),
  ]).flat();
  return { model: "llama/m", max_tokens: 0, messages };
}
