// Many streams at once through the gateway: is an event lost, doubled or out of order, what does it cost, how even is it?
//   npm run bench:streams [-- --streams 1000] [--seconds 60] [--pace 100]
import { canPin, pinSelf, startScript } from "./support/child-process.ts";
import { readEventStream } from "./support/event-stream.ts";
import { machine, quantile, table } from "./support/figures.ts";
import { postBytes } from "./support/http-connection.ts";

const streams = option("streams", 1000);
const seconds = option("seconds", 60);
const paceMs = option("pace", 100);
const pieces = Math.round((seconds * 1000) / paceMs);

pinSelf(0);
await using upstream = await startScript("paced-upstream.ts", {
  args: [String(paceMs), String(pieces)],
  core: 0,
});
await using gateway = await startScript("gateway-process.mjs", {
  args: [String(upstream.hello.port)],
  core: 1,
});
console.log(`${machine()}; gateway ${canPin ? "held to one core" : "NOT held to one core: no taskset here"}`);
console.log(`${streams} streams at once, ${pieces} pieces each, one every ${paceMs} ms\n`);

const gaps: number[] = [];
const delays: number[] = [];
const faults: string[] = [];
const request = postBytes("/v1/messages", {
  json: {
    model: "openai/bench",
    max_tokens: 100_000,
    stream: true,
    messages: [{ role: "user", content: "count" }],
  },
  headers: { "anthropic-version": "2023-06-01" },
});
const memory = { start: gateway.rss() ?? 0, peak: 0, end: 0 };
const watch = setInterval(() => {
  memory.peak = Math.max(memory.peak, gateway.rss() ?? 0);
}, 500);
const cpu = gateway.cpuMs() ?? 0;
const begun = performance.now();
// Not all in the same millisecond, so that the pace of each is its own.
await Promise.all(
  Array.from({ length: streams }, (_, index) => delay(index % paceMs).then(() => oneStream(index))),
);
const lastedMs = performance.now() - begun;
const usedMs = (gateway.cpuMs() ?? 0) - cpu;
clearInterval(watch);
await delay(2000);
memory.end = gateway.rss() ?? 0;

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
const spread = (values: readonly number[]): string =>
  [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1)).join(" / ");
console.log(
  table(
    ["", ""],
    [
      ["streams with a fault (lost, doubled, out of order, cut)", String(faults.length)],
      ["pieces received", `${delays.length} of ${streams * pieces}`],
      ["pieces per second", ((delays.length * 1000) / lastedMs).toFixed(0)],
      [`gap between pieces, p50 / p99 / max, ms (pace ${paceMs})`, spread(gaps)],
      ["from the model server to the client, p50 / p99 / max, ms", spread(delays)],
      ["memory at start / peak / end", Object.values(memory).map(megabytes).join(" / ")],
      ["processor time of the gateway per piece, µs", ((usedMs * 1000) / delays.length).toFixed(1)],
      ["share of its core", `${((100 * usedMs) / lastedMs).toFixed(0)} %`],
    ],
  ),
);
for (const fault of faults.slice(0, 5)) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function oneStream(index: number): Promise<void> {
  let expected = 0;
  let rest = "";
  let last: bigint | null = null;
  let stops = 0;
  try {
    await readEventStream({
      port: Number(gateway.hello.port),
      request,
      onEvent: (data, at) => {
        if (data.includes('"message_stop"')) stops++;
        if (!data.includes('"text_delta"')) return;
        const { delta } = JSON.parse(data) as { delta: { text: string } };
        const whole = (rest + delta.text).split(";");
        rest = whole.pop() ?? "";
        for (const piece of whole) {
          const [number = "", sentAt = "0"] = piece.split(":");
          if (Number(number) !== expected) throw new Error(`piece ${number} came where ${expected} was due`);
          expected++;
          delays.push(Number(at - BigInt(sentAt)) / 1e6);
        }
        if (last !== null) gaps.push(Number(at - last) / 1e6);
        last = at;
      },
    });
    if (expected !== pieces || stops !== 1) throw new Error(`${expected} of ${pieces} pieces, ${stops} ends`);
  } catch (error) {
    faults.push(`stream ${index}: ${error}`);
  }
}

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
