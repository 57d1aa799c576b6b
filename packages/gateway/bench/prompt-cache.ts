import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Message, type MessageStreamEvent, SseDecoder, type Usage } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import { machine, quantile, table } from "./support/figures.ts";

// What the prompt cache of the embedded engine saves, through HTTP, tokenizing and template included:
//   npm run bench:prompt-cache [-- --model file.gguf] [-- --rounds 5]
const { values: given } = parseArgs({
  options: { model: { type: "string" }, rounds: { type: "string", default: "5" } },
});
const rounds = Number(given.rounds);
const CONTEXT = 20_000;
const MARKER = { cache_control: { type: "ephemeral" } };

interface Served {
  readonly url: string;
  readonly child: ChildProcess;
}

interface Answer {
  /** From sending the request to the first text, in ms. */
  readonly firstMs: number;
  readonly usage: Usage;
}

const folder = await mkdtemp(join(tmpdir(), "prompt-cache-"));
const path = given.model ?? join(folder, "tiny.gguf");
if (!given.model) await writeTinyGguf(path, { contextLength: 32_768, layers: 4 });
const charactersPerToken = given.model ? 4 : 1;
console.log(
  `${machine()}; ${given.model ?? "tiny model of random weights, 4 layers, a token is a character"}`,
);
try {
  await measure();
} finally {
  await rm(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const shared = words(2400, 1);
  const main = { system: shared, said: words(11_600, 2) };
  const rows: string[][] = [];
  const note = (step: string, answers: readonly Answer[], wanted: string): void => {
    const usage = answers.at(-1)?.usage;
    const times = answers.map(({ firstMs }) => firstMs);
    rows.push([
      step,
      wanted,
      `${quantile(times, 0.5).toFixed(0)} (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)})`,
      `${usage?.cache_read_input_tokens} / ${usage?.cache_creation_input_tokens} / ${usage?.input_tokens}`,
    ]);
  };

  let served = await start();
  await ask(served, { system: "Hello", said: "Hello" });
  note("main conversation, cold", [await ask(served, main)], "");
  note("the same again", await repeat(() => ask(served, main)), "");
  const back: Answer[] = [];
  for (let round = 0; round < rounds; round++) {
    await ask(served, { system: shared, said: words(70, 100 + round) });
    back.push(await ask(served, main));
  }
  note("back to it after a sub-agent", back, "at most 100");
  const sweep = Array.from({ length: 6 }, (_, index) => ({
    system: words(200, 50 + index),
    said: words(1500, 60 + index),
  }));
  for (const other of sweep) await ask(served, other);
  note("back to it after six other conversations", [await ask(served, main)], "");

  const prefix = words(8900, 3);
  await ask(served, { system: prefix, said: "Hello" });
  const fan: Answer[] = [];
  for (let round = 0; round < rounds; round++) {
    const said = [1, 2, 3, 4].map((agent) => words(70, round * 10 + agent));
    const agents = await Promise.all(said.map((each) => ask(served, { system: prefix, said: each })));
    fan.push(agents.reduce((last, each) => (each.firstMs > last.firstMs ? each : last)));
  }
  note("four sub-agents at once over a warm prefix of 9k: the last of them", fan, "at most 500");

  const eight = { system: words(8100, 4), said: words(80, 5) };
  const cold = await ask(served, eight);
  const hits = await repeat(() => ask(served, eight));
  const hit = quantile(
    hits.map(({ firstMs }) => firstMs),
    0.5,
  );
  note("8k tokens, cold", [cold], "");
  note(`8k tokens, full hit: ${(cold.firstMs / hit).toFixed(0)} times sooner`, hits, "100 times");

  await stop(served);
  served = await start();
  // Loading the model is not what is measured.
  await ask(served, { system: "Hello", said: "Hello" });
  note("main conversation, first after a restart", [await ask(served, main)], "at most 150");
  await stop(served);
  console.log(table(["step", "wanted, ms", "first token, ms", "read / written / input tokens"], rows));
}

async function repeat(action: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let round = 0; round < rounds; round++) answers.push(await action());
  return answers;
}

async function start(): Promise<Served> {
  const args = [path, "", String(CONTEXT), join(folder, "states")];
  const child = fork(new URL("llama-process.ts", import.meta.url), args, {
    execArgv: ["--conditions=source", "--import", "tsx"],
  });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return { url, child };
}

async function stop({ child }: Served): Promise<void> {
  child.disconnect();
  await once(child, "exit");
}

async function ask({ url }: Served, { system, said }: { system: string; said: string }): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({
      model: "llama/m",
      max_tokens: 8,
      stream: true,
      system: [{ type: "text", text: system, ...MARKER }],
      messages: [{ role: "user", content: [{ type: "text", text: said, ...MARKER }] }],
    }),
  });
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  const events = new SseDecoder();
  const utf8 = new TextDecoder();
  let firstMs = 0;
  let start: Message | null = null;
  for await (const bytes of response.body) {
    for (const { data } of events.push(utf8.decode(bytes, { stream: true }))) {
      const event = JSON.parse(data) as MessageStreamEvent;
      if (event.type === "message_start") start = event.message;
      else if (event.type === "content_block_delta") firstMs ||= performance.now() - began;
      else if (event.type === "error") throw new Error(event.error.message);
    }
  }
  if (!start) throw new Error("The answer has no beginning");
  return { firstMs: firstMs || performance.now() - began, usage: start.usage };
}

/** Words of about this many tokens, the same for the same seed. */
function words(tokens: number, seed: number): string {
  let state = seed;
  let text = "";
  while (text.length < tokens * charactersPerToken) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += `${(state >>> 8).toString(36)} `;
  }
  return text.slice(0, tokens * charactersPerToken);
}
