import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packagedModel, writeTinyGguf } from "@ml-intern/testkit";

/**
 * The embedded engine through HTTP: how long a model takes to load, how fast it reads and writes, and how long it
 * takes from the last byte of a tool call's arguments at the engine to `content_block_stop` at the client, which is
 * another process. `--threads 2` sets the engine's threads, `--model file.gguf` measures another model.
 */
const { values: given } = parseArgs({ options: { threads: { type: "string" }, model: { type: "string" } } });

interface Row {
  readonly model: string;
  readonly "load ms": string;
  readonly "read tokens/s": string;
  readonly "write tokens/s": string;
  readonly "4 at once, tokens/s": string;
  readonly "first token ms, 64 new tokens": string;
  readonly "call end ms p50": string;
  readonly "call end ms p99": string;
}

interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  /** When calls were complete at the engine, by id. */
  readonly complete: Map<string, bigint>;
}

const TOOL = {
  name: "get_weather",
  input_schema: {
    type: "object",
    properties: { city: { enum: ["Paris", "Rome"] }, days: { enum: [1, 2] } },
    required: ["city", "days"],
    additionalProperties: false,
  },
};

async function start(path: string): Promise<Server> {
  const child = fork(new URL("llama-process.ts", import.meta.url), [path, given.threads ?? ""], {
    execArgv: ["--conditions=source", "--import", "tsx"],
  });
  const complete = new Map<string, bigint>();
  const [hello] = (await once(child, "message")) as [{ url: string }];
  child.on("message", ({ id, at }: { id: string; at: string }) => complete.set(id, BigInt(at)));
  return { url: hello.url, child, complete };
}

interface Answer {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly text: string;
  /** From sending the request, in ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** When each call's block ended here, by the call's id. */
  readonly stopped: ReadonlyMap<string, bigint>;
}

async function ask({ url }: Server, body: Readonly<Record<string, unknown>>): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ model: "llama/m", stream: true, ...body }),
  });
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  const stopped = new Map<string, bigint>();
  let [inputTokens, outputTokens, firstMs, lastMs, text, open, rest] = [0, 0, 0, 0, "", "", ""];
  const decoder = new TextDecoder();
  for await (const bytes of response.body) {
    const arrived = process.hrtime.bigint();
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((each) => each.startsWith("data: "))) {
      const event = JSON.parse(line.slice(6));
      if (event.type === "message_start") inputTokens = event.message.usage.input_tokens;
      if (event.type === "content_block_start") open = event.content_block.id ?? "";
      if (event.type === "content_block_delta") {
        firstMs ||= performance.now() - began;
        lastMs = performance.now() - began;
        text += event.delta.text ?? "";
      }
      if (event.type === "content_block_stop" && open) stopped.set(open, arrived);
      if (event.type === "message_delta") outputTokens = event.usage.output_tokens;
      if (event.type === "error") throw new Error(event.error.message);
    }
  }
  return { inputTokens, outputTokens, firstMs, lastMs, text, stopped };
}

const user = (content: string) => ({ messages: [{ role: "user", content }] });
/** Prompts that share nothing, so that none is held already. */
const words = (count: number) =>
  Array.from({ length: count }, () => Math.random().toString(36).slice(2, 6)).join(" ");

async function callEnds(server: Server, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let call = 0; call < count; call++) {
    const { stopped } = await ask(server, {
      ...user(`Weather number ${call}?`),
      max_tokens: 200,
      tools: [TOOL],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
    });
    for (const [id, at] of stopped) {
      const complete = server.complete.get(id);
      if (complete !== undefined) times.push(Number(at - complete) / 1e6);
    }
  }
  return times.sort((a, b) => a - b);
}

async function measure(model: string, path: string, calls: number): Promise<Row> {
  const server = await start(path);
  try {
    const load = await ask(server, { ...user("Hello"), max_tokens: 1 });
    const reads: number[] = [];
    for (let round = 0; round < 3; round++) {
      const { inputTokens, firstMs } = await ask(server, { ...user(words(300)), max_tokens: 1 });
      reads.push(inputTokens / (firstMs / 1000));
    }
    const writing = { ...user("Write a long story about the sea."), max_tokens: 100 };
    const { outputTokens, firstMs, lastMs } = await ask(server, writing);
    const began = performance.now();
    const together = await Promise.all(
      Array.from({ length: 4 }, () => ask(server, { ...user(words(10)), max_tokens: 50 })),
    );
    const seconds = (performance.now() - began) / 1000;
    const again = await ask(server, writing);
    const ends = await callEnds(server, calls);
    return {
      model,
      "load ms": load.firstMs.toFixed(0),
      "read tokens/s": (reads.sort((a, b) => a - b)[1] ?? 0).toFixed(0),
      "write tokens/s": ((outputTokens - 1) / ((lastMs - firstMs) / 1000)).toFixed(1),
      "4 at once, tokens/s": (together.reduce((sum, each) => sum + each.outputTokens, 0) / seconds).toFixed(
        1,
      ),
      "first token ms, 64 new tokens": again.firstMs.toFixed(0),
      "call end ms p50": at(ends, 0.5),
      "call end ms p99": `${at(ends, 0.99)} (${ends.length} calls)`,
    };
  } finally {
    server.child.disconnect();
    await once(server.child, "exit");
  }
}

function at(sorted: readonly number[], part: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return value === undefined ? "-" : value.toFixed(2);
}

const folder = await mkdtemp(join(tmpdir(), "bench-llama-"));
try {
  const tiny = join(folder, "tiny.gguf");
  await writeTinyGguf(tiny, { wholeCharacters: true });
  const rows = [await measure("tiny, random weights (1.5 MB)", tiny, 200)];
  const real = given.model ?? (await packagedModel("qwen2.5-coder-0.5b"));
  if (real) rows.push(await measure(given.model ?? "Qwen2.5-Coder 0.5B Q4_K_M", real, 20));
  console.log(
    `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, threads ${given.threads ?? "default"}\n`,
  );
  const columns = Object.keys(rows[0] ?? {}) as (keyof Row)[];
  console.log(`| ${columns.join(" | ")} |\n|${columns.map(() => "---").join("|")}|`);
  for (const row of rows) console.log(`| ${columns.map((column) => row[column]).join(" | ")} |`);
} finally {
  await rm(folder, { recursive: true });
}
