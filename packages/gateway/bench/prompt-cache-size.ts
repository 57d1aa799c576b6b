import { readdirSync, statSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeTinyGguf } from "@ml-intern/testkit";
import { machine, quantile, table } from "./support/figures.ts";
import { type MeasuredMessage, MeasuredServer } from "./support/measured-server.ts";
import { indexOf } from "./support/state-index.ts";
import { words } from "./support/timed-message.ts";

// Many prompts in the cache of the embedded engine at once, through HTTP, template and tokenizing included. The model has
// one layer and a token is nearly a character, so that filling takes minutes and not hours:
//   npm run bench:prompt-cache-size [-- --tokens 2000000]
const { values: given } = parseArgs({ options: { tokens: { type: "string", default: "2000000" } } });
const size = Number(given.tokens);
const MARKER = { cache_control: { type: "ephemeral", ttl: "1h" } };
const MB = 1e6;
const CONTEXT = 20_000;
/** Characters of conversations, in turn. Every fourth begins with a system prompt that it shares with others. */
const LENGTHS = [4_000, 8_000, 14_000];
const SHARED = 6_000;
/** Keys and values of a token of this model, in 16 bits. */
const STATE_BYTES = 256;
/** What its state may take with heads of files and the journal of uses. */
const ROOMY_BYTES = 1.1 * STATE_BYTES;
/** In memory next to nothing, so that states come from the disk. */
const MEMORY = 16 * MB;
const ASKED = 100;
const HELLO = messageOf({ system: "Hello", said: "Hello" });

interface Conversation {
  readonly system: string;
  readonly said: string;
}

interface Filled {
  readonly conversations: readonly Conversation[];
  /** Tokens that were written, as the answers say. */
  readonly written: number;
  /** Bytes in the folder of states, at the worst. */
  readonly largest: number;
  readonly seconds: number;
}

const folder = await mkdtemp(join(tmpdir(), "prompt-cache-size-"));
const path = join(folder, "tiny.gguf");
await writeTinyGguf(path, { contextLength: 32_768, layers: 1 });
console.log(`${machine()}; tiny model of random weights, 1 layer, ${STATE_BYTES} bytes of state a token`);
try {
  await fitting();
  await overflowing();
} finally {
  await rm(folder, { recursive: true });
}

async function fitting(): Promise<void> {
  const options = {
    path,
    contextSize: CONTEXT,
    folder: join(folder, "fitting"),
    diskLimit: size * ROOMY_BYTES,
    memoryLimit: MEMORY,
  };
  const states = join(options.folder, "states");
  let server = await MeasuredServer.start(options);
  const filled = await fill(server, { size, states });
  const { conversations } = filled;
  const old = await goOn(server, conversations);
  const { rss } = await server.taken();
  await server.stop();

  const entries = (await stat(join(options.folder, "entries.log"))).size;
  const index = await indexOf(states, { limit: options.diskLimit });

  const began = performance.now();
  server = await MeasuredServer.start(options);
  await server.ask(HELLO);
  const ready = performance.now() - began;
  const again = await goOn(server, conversations);
  await server.stop();

  print("All of it fits", [
    ...filledRows(filled, options.diskLimit),
    [
      "tokens in the index, bytes each on disk",
      "",
      `${number(index.tokens)}, ${index.diskBytesPerToken.toFixed(0)}`,
    ],
    ["index, bytes a token", "at most 64", index.bytesPerToken.toFixed(1)],
    ["file of entries", "", `${(entries / 1024).toFixed(0)} KB`],
    ["look-up of a prompt, p50 / p99, ms", "p99 at most 5", quantiles(index.lookUps, 2)],
    ["the processor's part of it", "", quantiles(index.processor, 2)],
    ["resident memory of the server", "", `${(rss / MB).toFixed(0)} MB`],
    ["another turn of any conversation: first token, p50 / p99, ms", "", quantiles(old.map(firstMs))],
    ["of its prompt reused, from disk", "", `${reused(old)}, ${fromDisk(old)}`],
    ["the folder opened anew", "", `${index.openMs.toFixed(0)} ms`],
    ["process, model and folder ready after a restart", "", `${ready.toFixed(0)} ms`],
    ["another turn after it: first token, p50 / p99, ms", "", quantiles(again.map(firstMs))],
    ["of its prompt reused, from disk", "", `${reused(again)}, ${fromDisk(again)}`],
  ]);
}

async function overflowing(): Promise<void> {
  const options = {
    path,
    contextSize: CONTEXT,
    folder: join(folder, "overflowing"),
    diskLimit: (size * ROOMY_BYTES) / 16,
    memoryLimit: MEMORY / 4,
  };
  const server = await MeasuredServer.start(options);
  const filled = await fill(server, { size: size / 4, states: join(options.folder, "states") });
  const latest = await goOn(server, filled.conversations.slice(-3));
  const any = await goOn(server, filled.conversations);
  await server.stop();
  print("Four times what fits", [
    ...filledRows(filled, options.diskLimit),
    ["another turn of the last three conversations: reused", "", reused(latest)],
    ["another turn of any conversation: reused", "", reused(any)],
  ]);
}

async function fill(
  server: MeasuredServer,
  { size, states }: { readonly size: number; readonly states: string },
): Promise<Filled> {
  await server.ask(HELLO); // makes the folder
  const began = performance.now();
  const conversations: Conversation[] = [];
  let largest = 0;
  const look = (): void => {
    largest = Math.max(largest, bytesIn(states));
  };
  const looking = setInterval(look, 200);
  let written = 0;
  while (written < size) {
    const next = conversation(conversations.length);
    conversations.push(next);
    const { usage } = await server.ask(messageOf(next));
    written += usage.cache_creation_input_tokens ?? 0;
  }
  clearInterval(looking);
  look();
  return { conversations, written, largest, seconds: (performance.now() - began) / 1000 };
}

function filledRows({ conversations, written, largest, seconds }: Filled, limit: number): readonly Row[] {
  const megabytes = (bytes: number): string => (bytes / MB).toFixed(1);
  return [
    ["conversations, tokens written", "", `${number(conversations.length)}, ${number(written)}`],
    ["filled in", "", `${seconds.toFixed(0)} s`],
    ["folder at its largest", `at most ${megabytes(limit)} MB`, `${megabytes(largest)} MB`],
  ];
}

function conversation(index: number): Conversation {
  const length = LENGTHS[index % LENGTHS.length] ?? 0;
  return index % 4 === 3
    ? { system: words(SHARED, 1), said: words(2_000, 2 * index + 1001) }
    : { system: words(1_000, 2 * index + 1000), said: words(length - 1_000, 2 * index + 1001) };
}

/** Another turn of conversations from all over the list. */
async function goOn(
  server: MeasuredServer,
  conversations: readonly Conversation[],
): Promise<readonly MeasuredMessage[]> {
  const answers: MeasuredMessage[] = [];
  for (let round = 0; round < ASKED; round++) {
    const one = conversations[(round * 7919) % conversations.length];
    if (!one) break;
    const { messages, ...request } = messageOf(one);
    const turn = [
      { role: "assistant", content: "I see." },
      { role: "user", content: [{ type: "text", text: words(60, round), ...MARKER }] },
    ];
    answers.push(await server.ask({ ...request, messages: [...messages, ...turn] }));
  }
  return answers;
}

function messageOf({ system, said }: Conversation) {
  return {
    model: "llama/m",
    max_tokens: 1,
    system: [{ type: "text", text: system, ...MARKER }],
    messages: [{ role: "user", content: [{ type: "text", text: said, ...MARKER }] }],
  };
}

/** What stands in a folder that is being written to. */
function bytesIn(states: string): number {
  let bytes = 0;
  for (const name of readdirSync(states)) {
    bytes += statSync(join(states, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

type Row = readonly [figure: string, wanted: string, measured: string];

function print(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}\n\n${table(["figure", "wanted", "measured"], rows)}`);
}

function firstMs(answer: MeasuredMessage): number {
  return answer.firstMs;
}

function reused(answers: readonly MeasuredMessage[]): string {
  return share(answers, (answer) => answer.reused);
}

function fromDisk(answers: readonly MeasuredMessage[]): string {
  return share(answers, (answer) => answer.fromDisk);
}

function share(answers: readonly MeasuredMessage[], part: (answer: MeasuredMessage) => number): string {
  const sum = (pick: (answer: MeasuredMessage) => number): number =>
    answers.reduce((total, answer) => total + pick(answer), 0);
  return `${((100 * sum(part)) / sum(({ promptTokens }) => promptTokens)).toFixed(0)} %`;
}

function quantiles(values: readonly number[], digits = 0): string {
  return [0.5, 0.99].map((part) => quantile(values, part).toFixed(digits)).join(" / ");
}

function number(value: number): string {
  return value.toLocaleString("en");
}
