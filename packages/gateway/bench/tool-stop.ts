// Time from the last byte of a tool call's arguments at the engine to `content_block_stop` at the client, over sockets:
//   npm run bench:tool-stop [-- --quick]
// The endpoint falls silent after that byte until the client has seen the stop, so nothing else can have caused it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startScript } from "./support/child-process.ts";
import { machine, quantile, table } from "./support/figures.ts";

const calls = process.argv.includes("--quick") ? 100 : 1000;

/** When the last byte of a call left, by the name of its model. */
const leftAt = new Map<string, number>();
/** Lets the endpoint end its answer, by the name of its model. */
const release = new Map<string, () => void>();

function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

function piece(call: object): string {
  return chunk({ tool_calls: [{ index: 0, ...call }] });
}

const upstream = createServer(async (request, response) => {
  let text = "";
  for await (const bytes of request) text += String(bytes);
  const { model } = JSON.parse(text) as { model: string };
  const released = new Promise<void>((resolve) => release.set(model, resolve));
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(piece({ id: "1", function: { name: "f", arguments: "" } }));
  for (let index = 0; index < 20; index++) {
    response.write(piece({ function: { arguments: `${index === 0 ? "{" : ","}"key${index}":"some text"` } }));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  leftAt.set(model, performance.now());
  response.write(piece({ function: { arguments: "}" } }));
  await released;
  response.end(`${chunk({}, "tool_calls")}data: [DONE]\n\n`);
});
upstream.listen(0, "127.0.0.1");
await once(upstream, "listening");
await using gateway = await startScript("gateway-process.mjs", {
  args: [String((upstream.address() as AddressInfo).port)],
});
const url = `http://127.0.0.1:${String(gateway.hello.port)}/v1/messages`;

async function stopDelay(model: string, eager: boolean): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify({
      model: `openai/${model}`,
      max_tokens: 1000,
      stream: true,
      tools: [{ name: "f", input_schema: { type: "object" }, eager_input_streaming: eager }],
      messages: [{ role: "user", content: "go" }],
    }),
  });
  let text = "";
  let delay = Number.NaN;
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString("utf8");
    if (!Number.isNaN(delay) || !text.includes("content_block_stop")) continue;
    delay = performance.now() - (leftAt.get(model) ?? Number.NaN);
    release.get(model)?.();
  }
  return delay;
}

async function measure(atOnce: number, eager: boolean): Promise<string[]> {
  const delays: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < calls) delays.push(await stopDelay(`m${eager}-${atOnce}-${next++}`, eager));
  };
  await stopDelay(`warm-${eager}-${atOnce}`, eager);
  await Promise.all(Array.from({ length: atOnce }, worker));
  const figure = (share: number): string => quantile(delays, share).toFixed(2);
  return [eager ? "eager" : "buffered", String(atOnce), figure(0.5), figure(0.99), figure(1)];
}

console.log(`${machine()}; ${calls} calls each\n`);
const rows: string[][] = [];
for (const eager of [false, true]) for (const atOnce of [1, 16]) rows.push(await measure(atOnce, eager));
console.log(table(["arguments", "calls at once", "p50, ms", "p99, ms", "worst, ms"], rows));
upstream.closeAllConnections();
upstream.close();
