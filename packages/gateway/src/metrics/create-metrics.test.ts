import { scriptedEngine } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway, type Gateway, type GatewayLogEntry, type GatewayOptions } from "../create-gateway.ts";
import { GatewayError } from "../gateway-error.ts";
import { createLimiter } from "../limits/create-limiter.ts";
import { createMetrics, type GatewayMetrics } from "./create-metrics.ts";

const QUESTION = { model: "fast", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
const DOWN = new GatewayError("down", { code: "endpoint_unreachable", status: 503, type: "api_error" });
const ENTRY: GatewayLogEntry = {
  request_id: "r",
  method: "POST",
  path: "/v1/messages",
  status: 200,
  duration_ms: 20,
};

function gatewayOf(
  options: Partial<GatewayOptions> = {},
  metrics: GatewayMetrics = createMetrics({ models: ["fast"] }),
): Gateway {
  const engine = scriptedEngine(() => ({ text: "ok", usage: { input_tokens: 7, output_tokens: 3 } }));
  return createGateway({
    engines: { scripted: engine },
    models: { fast: ["scripted/m"] },
    metrics,
    ...options,
  });
}

function ask(gateway: Gateway, body: object = QUESTION): Promise<Response> {
  return Promise.resolve(gateway.request("/v1/messages", { method: "POST", body: JSON.stringify(body) }));
}

/** Values of the samples whose name and labels match. */
async function sample(gateway: Gateway, pattern: RegExp): Promise<number[]> {
  const text = await (await gateway.request("/metrics")).text();
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#") && pattern.test(line))
    .map((line) => Number(line.split(" ").at(-1)));
}

it("counts requests, tokens and times by what is configured", async () => {
  const gateway = gatewayOf();
  await (await ask(gateway, { ...QUESTION, stream: true })).text();
  await ask(gateway);
  const labels = 'model="fast",engine="scripted",workspace="default"';
  expect(
    await sample(
      gateway,
      new RegExp(`^gateway_requests_total\\{route="/v1/messages",${labels},status="200"`),
    ),
  ).toEqual([2]);
  expect(await sample(gateway, new RegExp(`^gateway_tokens_total\\{kind="input",${labels}`))).toEqual([14]);
  expect(await sample(gateway, new RegExp(`^gateway_tokens_total\\{kind="output",${labels}`))).toEqual([6]);
  expect(await sample(gateway, /^gateway_first_event_seconds_count/)).toEqual([2]);
  expect(await sample(gateway, /^gateway_request_duration_seconds_count\{.*messages/)).toEqual([2]);
});

it("knows what is open: a stream until its last byte has left", async () => {
  const gateway = gatewayOf();
  const response = await ask(gateway, { ...QUESTION, stream: true });
  expect(await sample(gateway, /^gateway_open_streams/)).toEqual([1]);
  // The request for the metrics is open too.
  expect(await sample(gateway, /^gateway_open_requests/)).toEqual([2]);
  await response.text();
  expect(await sample(gateway, /^gateway_open_streams/)).toEqual([0]);
  const left = await ask(gateway, { ...QUESTION, stream: true });
  await left.body?.cancel();
  expect(await sample(gateway, /^gateway_open_streams/)).toEqual([0]);
  expect(await sample(gateway, /^gateway_open_requests/)).toEqual([1]);
});

it("counts what limits refuse and what endpoints fail to answer", async () => {
  const admit = createLimiter({ workspaces: { default: { limits: { requestsPerMinute: 1 } } } });
  const gateway = gatewayOf({ admit, engines: { scripted: scriptedEngine([{ fails: DOWN }]) } });
  await ask(gateway);
  await ask(gateway);
  expect(
    await sample(gateway, /^gateway_upstream_errors_total\{code="endpoint_unreachable",engine="scripted"/),
  ).toEqual([1]);
  expect(
    await sample(gateway, /^gateway_limits_reached_total\{limit="requests",workspace="default"/),
  ).toEqual([1]);
});

it("gives names that clients make up no label of their own", async () => {
  const gateway = gatewayOf({ engines: { scripted: scriptedEngine(() => ({ fails: DOWN })) } });
  for (let index = 0; index < 50; index++) {
    await ask(gateway, { ...QUESTION, model: `scripted/made-up-${index}` });
    await gateway.request(`/made/up/${index}`);
  }
  expect(await sample(gateway, /^gateway_requests_total\{.*model="other"/)).toEqual([50]);
  expect(await sample(gateway, /^gateway_requests_total\{route="other".*status="404"/)).toEqual([50]);

  const metrics = createMetrics();
  for (let index = 0; index < 300; index++) {
    metrics.began();
    metrics.finished({ ...ENTRY, engine: "e", model: `e/answered-${index}` }, { streaming: false });
  }
  const { text } = await metrics.render();
  expect(text.match(/^gateway_requests_total\{/gm)).toHaveLength(201);
  expect(text).toMatch(/^gateway_requests_total\{.*model="other".* 100$/m);
});

it("counts what caches did, and why they did not", async () => {
  const metrics = createMetrics({ models: ["fast"] });
  const gateway = gatewayOf({}, metrics);
  const answered = (counts: Partial<GatewayLogEntry>): void => {
    metrics.began();
    const entry = { ...ENTRY, engine: "claude", model: "fast", input_tokens: 10, ...counts };
    metrics.finished(entry, { streaming: false });
  };
  answered({});
  answered({ cache_creation_input_tokens: 500, cache_miss_reason: "tools_changed" });
  answered({ cache_creation_input_tokens: 90, cache_read_input_tokens: 500, cache_promised_tokens: 490 });
  answered({ cache_creation_input_tokens: 590, cache_read_input_tokens: 20, cache_promised_tokens: 500 });
  // It failed before anything was counted.
  metrics.began();
  metrics.finished({ ...ENTRY, engine: "claude", status: 529 }, { streaming: false });
  const text = (await metrics.render()).text.split("\n");
  expect(text.filter((line) => line.startsWith("gateway_cache_"))).toEqual([
    'gateway_cache_requests_total{result="none",model="fast",engine="claude"} 1',
    'gateway_cache_requests_total{result="miss",model="fast",engine="claude"} 1',
    'gateway_cache_requests_total{result="hit",model="fast",engine="claude"} 2',
    'gateway_cache_miss_reasons_total{reason="tools_changed",model="fast",engine="claude"} 1',
    'gateway_cache_promises_total{result="kept",model="fast",engine="claude"} 1',
    'gateway_cache_promises_total{result="missed",model="fast",engine="claude"} 1',
    'gateway_cache_missed_tokens_total{model="fast",engine="claude"} 480',
  ]);
  await ask(gateway);
  expect(await sample(gateway, /^gateway_cache_requests_total\{result="none".*"scripted"\}/)).toEqual([1]);
});

it("reads figures of embedded engines when it is asked, and counts the process only where that is wanted", async () => {
  let queue = 0;
  const metrics = createMetrics({
    embedded: { queueLengths: () => ({ llama: queue }), promptStates: () => ({}) },
  });
  const gateway = gatewayOf({}, metrics);
  queue = 3;
  expect(await sample(gateway, /^gateway_engine_queue_length\{engine="llama"\}/)).toEqual([3]);
  expect(await sample(gateway, /^gateway_process_cpu/)).toEqual([]);
  expect((await createMetrics({ process: true }).render()).text).toMatch(
    /^gateway_process_cpu_seconds_total /m,
  );
});

it("shares nothing with another gateway", async () => {
  const [one, two] = [gatewayOf(), gatewayOf()];
  await ask(one);
  expect(await sample(two, /^gateway_requests_total/)).toEqual([]);
});

it("is open unless a key is asked for, and not there at all unless it is wanted", async () => {
  const keys = { "sk-1": { workspace: "w" } };
  expect((await gatewayOf({ keys }).request("/metrics")).status).toBe(200);
  const closed = gatewayOf({ keys, metricsNeedKey: true });
  expect((await closed.request("/metrics")).status).toBe(401);
  expect((await closed.request("/metrics", { headers: { "x-api-key": "sk-1" } })).status).toBe(200);
  expect((await createGateway({ engines: {} }).request("/metrics")).status).toBe(404);
});
