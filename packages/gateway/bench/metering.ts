// What it costs to keep a line of usage for each request, and to add a year of them up:
//   node --conditions=source --import tsx packages/gateway/bench/metering.ts [LINES]
import { appendFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MeteredRequest } from "../src/metering/metered-request.ts";
import { openMetering } from "../src/metering/open-metering.ts";
import { createPriceBook } from "../src/metering/prices/price-book.ts";
import { readUsage } from "../src/metering/read-usage.ts";
import { sessionOf } from "../src/metering/session-of.ts";
import { usageLine } from "../src/metering/usage-line.ts";
import { reportUsage } from "../src/metering/usage-report.ts";
import { machine, quantile, table } from "./support/figures.ts";

const LINES = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 300;
/** Requests one by one, further apart than the log waits between two writes. */
const ALONE = 100;
const APART_MS = 60;
const PER_ROUND = 200;

const headers = new Headers({ "x-claude-code-session-id": "3f1c8b52-9a53-4a44-8f0e-0d9f2a1c7e11" });
const bodies = {
  "the session's header": sessionOf.bind(null, { headers, body: {} }),
  "a user_id without session": sessionOf.bind(null, {
    headers: new Headers(),
    body: { metadata: { user_id: "somebody@example.org" } },
  }),
};

function request(index: number): MeteredRequest {
  return {
    request_id: `req_01${String(index).padStart(24, "0")}`,
    workspace: `workspace-${index % 7}`,
    key: `key-${index % 20}`,
    session: `session-${index % 5000}`,
    model: "smart",
    engine: "claude",
    upstream_model: index % 3 === 0 ? "claude-opus-5-5" : "claude-haiku-4-5",
    service_tier: "standard",
    input_tokens: 21 + (index % 1000),
    cache_creation_input_tokens: 248,
    cache_creation_1h_input_tokens: 100,
    cache_read_input_tokens: 18_000,
    output_tokens: 503,
    stop_reason: "end_turn",
    status: 200,
    batch: false,
  };
}

/** Microseconds for one call: the median round, the best, and processor time with all that follows a call. */
async function perCall(work: (index: number) => void): Promise<readonly string[]> {
  for (let index = 0; index < PER_ROUND; index++) work(index);
  const before = process.cpuUsage();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (let index = 0; index < PER_ROUND; index++) work(round * PER_ROUND + index);
    times.push(((performance.now() - started) / PER_ROUND) * 1000);
    // As between requests: what waits may be written.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  const figures = [quantile(times, 0.5), Math.min(...times), (user + system) / (ROUNDS * PER_ROUND)];
  return figures.map((figure) => figure.toFixed(1));
}

/** What a request costs that has a write and a sync to itself, in milliseconds of the processor, and what it takes to be on disk. */
async function alone(folder: string): Promise<string> {
  await using metering = openMetering({ folder, onTrouble: console.error });
  metering.record(request(0));
  await sleep(APART_MS);
  const [name = ""] = await readdir(folder);
  const idle = process.cpuUsage();
  for (let index = 0; index < ALONE; index++) await sleep(APART_MS);
  const before = process.cpuUsage();
  for (let index = 0; index < ALONE; index++) {
    metering.record(request(index));
    await sleep(APART_MS);
  }
  const used = process.cpuUsage(before);
  const waiting = before.user + before.system - idle.user - idle.system;
  const cost = (used.user + used.system - waiting) / ALONE / 1000;
  const times: number[] = [];
  for (let index = 0; index < ALONE; index++) {
    const { size } = await stat(join(folder, name));
    const started = performance.now();
    metering.record(request(index));
    while ((await stat(join(folder, name))).size === size) await sleep(0);
    times.push(performance.now() - started);
    await sleep(APART_MS);
  }
  return `one by one: ${cost.toFixed(2)} ms of the processor each; in the file after ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`;
}

const folder = await mkdtemp(join(tmpdir(), "bench-metering-"));
try {
  console.log(`${machine()}\n`);
  const metering = openMetering({ folder: join(folder, "usage"), onTrouble: console.error });
  const recording = await perCall((index) => metering.record(request(index)));
  const closing = performance.now();
  await metering[Symbol.asyncDispose]();
  const closed = performance.now() - closing;
  const sessions: (readonly string[])[] = [];
  for (const [name, work] of Object.entries(bodies))
    sessions.push([`find ${name}`, ...(await perCall(work))]);
  console.log(
    table(
      ["microseconds a request", "median", "best", "processor, writing included"],
      [["record: price, line, queue", ...recording], ...sessions],
    ),
  );
  const [name = ""] = await readdir(join(folder, "usage"));
  const { size } = await stat(join(folder, "usage", name));
  const kept = PER_ROUND + ROUNDS * PER_ROUND;
  console.log(
    `\n${kept} lines, ${Math.round(size / kept)} bytes each; the last of them written in ${closed.toFixed(0)} ms`,
  );
  console.log(await alone(join(folder, "alone")));

  const year = join(folder, "usage", "2025-01.year.jsonl");
  const prices = createPriceBook();
  for (let written = 0; written < LINES; ) {
    let text = "";
    for (let end = Math.min(LINES, written + 10_000); written < end; written++) {
      const time = new Date(Date.UTC(2025, 0) + written * 31).toISOString();
      text += `${JSON.stringify(usageLine(request(written), { time, prices }))}\n`;
    }
    await appendFile(year, text);
  }
  for (const by of ["model", "session", "day"] as const) {
    const started = performance.now();
    const lines = readUsage(join(folder, "usage"), {
      since: null,
      until: "2025-02-01",
      onDamage: console.error,
    });
    const { rows, total } = await reportUsage(lines, { by });
    const seconds = (performance.now() - started) / 1000;
    const { maxRSS } = process.resourceUsage();
    console.log(
      `${total.requests} lines by ${by}: ${seconds.toFixed(1)} s, ${rows.length} groups; at most ${Math.round(maxRSS / 1024)} MB so far`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
