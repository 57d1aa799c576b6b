// Time from the last byte of a tool call's arguments at the model server to its `content_block_stop` at the client. The
// server pauses for 200 ms after each call, so a gateway that waits for what comes next is found out.
//   npm run bench:tool-stop [-- --quick]
import { pinSelf, startScript } from "./support/child-process.ts";
import { readEventStream } from "./support/event-stream.ts";
import { machine, quantile, table } from "./support/figures.ts";
import { postBytes } from "./support/http-connection.ts";
import { startClaudeCodeRouter } from "./support/peers.ts";

const quick = process.argv.includes("--quick");
const rounds = { 1: quick ? 10 : 100, 32: quick ? 3 : 30 } as const;

pinSelf(0);
await using upstream = await startScript("tool-upstream.ts", { core: 0 });
const upstreamPort = Number(upstream.hello.port);
const rows: string[][] = [];
console.log(`${machine()}\n`);

{
  await using gateway = await startScript("gateway-process.mjs", { args: [String(upstreamPort)], core: 1 });
  const port = Number(gateway.hello.port);
  await measure("**ours**", { port, model: "openai/bench", eager: false });
  await measure("**ours, eager input streaming**", { port, model: "openai/bench", eager: true });
}
try {
  await using router = await startClaudeCodeRouter({ upstreamPort, core: 1 });
  await measure("claude-code-router 2.0.0", { port: router.port, model: "chat,bench", eager: false });
} catch (error) {
  rows.push([`claude-code-router 2.0.0: NOT MEASURED: ${error}`]);
}
rows.push(["Portkey 1.15.2: does not translate `/v1/messages` for this model server"]);
console.log(table(["gateway", "streams at once", "calls", "p50, ms", "p99, ms", "max, ms"], rows));

interface Target {
  readonly port: number;
  readonly model: string;
  readonly eager: boolean;
}

async function measure(name: string, target: Target): Promise<void> {
  await atOnce(32, 1, target);
  for (const streams of [1, 32] as const) {
    const times = await atOnce(streams, rounds[streams], target);
    const figures = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(2));
    rows.push([name, String(streams), String(times.length), ...figures]);
  }
}

async function atOnce(streams: number, each: number, target: Target): Promise<number[]> {
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: streams }, async () => {
      for (let round = 0; round < each; round++) times.push(...(await oneAnswer(target)));
    }),
  );
  return times;
}

/** The time of each of the two calls, in ms. */
async function oneAnswer({ port, model, eager }: Target): Promise<number[]> {
  const stops: bigint[] = [];
  const calls = new Set<number>();
  let text = "";
  const properties = { path: { type: "string" }, text: { type: "string" }, earlier: { type: "string" } };
  const tool = { name: "write", input_schema: { type: "object", properties } };
  await readEventStream({
    port,
    request: postBytes("/v1/messages", {
      json: {
        model,
        max_tokens: 1000,
        stream: true,
        messages: [{ role: "user", content: "write two files" }],
        tools: [eager ? { ...tool, eager_input_streaming: true } : tool],
      },
      headers: { "anthropic-version": "2023-06-01" },
    }),
    onEvent: (data, at) => {
      const event = JSON.parse(data) as {
        readonly type: string;
        readonly index: number;
        readonly content_block?: { readonly type: string };
        readonly delta?: { readonly text?: string };
      };
      if (event.content_block?.type === "tool_use") calls.add(event.index);
      if (event.type === "content_block_stop" && calls.has(event.index)) stops.push(at);
      text += event.delta?.text ?? "";
    },
  });
  const written = [...text.matchAll(/<(\d+)>/g)].map(([, nanoseconds = "0"]) => BigInt(nanoseconds));
  if (written.length !== 2 || stops.length !== 2)
    throw new Error(`${stops.length} calls ended; text: ${text}`);
  return written.map((at, index) => Number((stops[index] ?? 0n) - at) / 1e6);
}
