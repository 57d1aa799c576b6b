import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Anthropic, { APIError, AuthenticationError, RateLimitError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { type CliResult, type RunningCli, runCli, startCli, testHome, untilOutput } from "./run-cli.ts";

const QUESTION = {
  model: "safe",
  max_tokens: 500,
  messages: [{ role: "user" as const, content: "My secret" }],
};

let home: Awaited<ReturnType<typeof testHome>>;
beforeAll(async () => {
  home = await testHome();
});
afterAll(() => home[Symbol.asyncDispose]());

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Chat Completions whose answer goes on only when the test says so. */
interface HeldEndpoint extends AsyncDisposable {
  readonly baseUrl: string;
  readonly headers: readonly IncomingMessage["headers"][];
  send(text: string): void;
  end(): void;
}

async function heldEndpoint(): Promise<HeldEndpoint> {
  const headers: IncomingMessage["headers"][] = [];
  let held: ServerResponse | null = null;
  const chunk = (delta: object, reason: string | null = null): string =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "m", choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  const server = createServer((request, response) => {
    headers.push(request.headers);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ role: "assistant", content: "The first part. " }));
    held = response;
  });
  const baseUrl = `${await listening(server)}/v1`;
  return {
    baseUrl,
    headers,
    send: (text) => void held?.write(chunk({ content: text })),
    end: () => void held?.end(`${chunk({}, "stop")}data: [DONE]\n\n`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** An OTLP receiver. */
async function traceReceiver(): Promise<
  {
    readonly url: string;
    readonly bodies: readonly string[];
    spans(): readonly ReceivedSpan[];
  } & AsyncDisposable
> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    if (request.url === "/v1/traces") bodies.push(body);
    response.setHeader("content-type", "application/json").end("{}");
  });
  const url = await listening(server);
  return {
    url,
    bodies,
    spans: () =>
      bodies.flatMap((body) =>
        (
          JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[] }
        ).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Served {
  readonly running: RunningCli;
  readonly url: string;
  /** What it printed. */
  readonly places: { readonly messages: string; readonly hub: string; readonly api?: string };
}

async function startServer(configuration: string, env: Record<string, string> = {}): Promise<Served> {
  const path = join(home.path, `gateway-${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(path, configuration);
  const running = startCli(["serve", "--config", path, "--port", "0", "--hub-port", "0"], {
    home: home.path,
    env,
  });
  const places = JSON.parse((await untilOutput(running, /\}\n/)).trim()) as Served["places"];
  return { running, url: places.messages, places };
}

async function stop({ running }: Served): Promise<CliResult> {
  running.child.kill("SIGTERM");
  return running.finished;
}

function client(baseURL: string, apiKey: string): Anthropic {
  return new Anthropic({ baseURL, apiKey, maxRetries: 0 });
}

async function failure(work: Promise<unknown>): Promise<APIError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof APIError) return error;
  throw new Error(`expected an error of the API, got ${String(error)}`);
}

describe("a server with keys, workspaces, limits, an alias, metrics and traces", () => {
  let server: Served;
  let traces: Awaited<ReturnType<typeof traceReceiver>>;
  let result: CliResult | null = null;
  let researchKey = "";
  const salesKey = "sk-of-sales";

  beforeAll(async () => {
    traces = await traceReceiver();
    const created = await runCli(["keys", "create", "--workspace", "research", "--json"], {
      home: home.path,
    });
    const { key, digest } = JSON.parse(created.stdout) as { key: string; digest: string };
    researchKey = key;
    server = await startServer(
      `
listen: { host: 0.0.0.0 }
metrics: { enabled: true }
limits: { bodyMegabytes: 1 }
engines:
  dead: { type: openai, baseUrl: http://127.0.0.1:9/v1 }
  recipes: { type: recipes }
models:
  safe: [dead/model, recipes/default]
workspaces:
  research: { limits: { requestsPerMinute: 2, inputTokensPerMinute: 100_000 } }
  sales: {}
keys:
  - key: ${digest}
    workspace: research
    name: notebook
  - key: \${SALES_KEY}
    workspace: sales
`,
      { SALES_KEY: salesKey, OTEL_EXPORTER_OTLP_ENDPOINT: traces.url },
    );
  });
  afterAll(async () => {
    if (result === null) await stop(server);
    await traces[Symbol.asyncDispose]();
  });

  test("lets in who shows a key, and says whose it is", async () => {
    expect(await failure(client(server.url, "sk-wrong").messages.create(QUESTION))).toBeInstanceOf(
      AuthenticationError,
    );
    const { data, response } = await client(server.url, salesKey).messages.create(QUESTION).withResponse();
    expect(data.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/recipe/) });
    expect(response.headers.get("anthropic-workspace-id")).toMatch(/^wrkspc_01/);
    const { organizationId } = JSON.parse(await readFile(join(home.path, "installation.json"), "utf8")) as {
      organizationId: string;
    };
    expect(response.headers.get("anthropic-organization-id")).toBe(organizationId);
    expect((await stat(join(home.path, "installation.json"))).mode & 0o777).toBe(0o600);
  });

  test("refuses a request that is larger than configured", async () => {
    const content = "x".repeat(1024 * 1024);
    const refusal = await failure(
      client(server.url, salesKey).messages.create({ ...QUESTION, messages: [{ role: "user", content }] }),
    );
    expect(refusal).toMatchObject({ status: 413, type: "request_too_large" });
  });

  test("keeps the session API, which runs code, from other machines", async () => {
    expect(server.places).not.toHaveProperty("api");
    expect((await fetch(`${server.url}/api/sessions`)).status).toBe(404);
  });

  test("answers an alias by the first engine that is up, within the limits, and then says when to come back", async () => {
    const research = client(server.url, researchKey);
    const first = await research.messages.create(QUESTION).withResponse();
    expect(first.data.model).toBe("safe");
    expect(Object.fromEntries(first.response.headers)).toMatchObject({
      "anthropic-ratelimit-requests-limit": "2",
      "anthropic-ratelimit-requests-remaining": "1",
      "anthropic-ratelimit-requests-reset": expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      "anthropic-ratelimit-input-tokens-remaining": "100000",
    });
    await research.messages.create(QUESTION);
    const refusal = await failure(research.messages.create(QUESTION));
    expect(refusal).toBeInstanceOf(RateLimitError);
    expect(refusal.message).toContain("2 requests per minute of the workspace `research`");
    const wait = Number(refusal.headers?.get("retry-after"));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(30);
    // Another workspace has its own.
    await client(server.url, salesKey).messages.create(QUESTION);
  });

  test("counts all that in /metrics", async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /^gateway_requests_total\{route="\/v1\/messages",model="safe",engine="recipes",workspace="research",status="200"\} 2$/m,
    );
    expect(text).toMatch(/^gateway_limits_reached_total\{limit="requests",workspace="research"\} 1$/m);
    expect(text).toMatch(/^gateway_passed_over_total\{engine="dead"\} 4$/m);
    expect(text).toMatch(/^gateway_process_resident_memory_bytes \d+/m);
  });

  test("writes a line for each request and sends its traces before it ends, with nobody's words or keys in them", async () => {
    result = await stop(server);
    expect(result.code).toBe(0);
    const lines = result.stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ status, key }) => [status, key])).toEqual([
      [401, undefined],
      [200, expect.stringMatching(/^[0-9a-f]{8}$/)],
      [413, expect.any(String)],
      [404, undefined],
      [200, "notebook"],
      [200, "notebook"],
      [429, "notebook"],
      [200, expect.any(String)],
    ]);
    expect(lines[4]).toMatchObject({
      workspace: "research",
      model: "safe",
      engine: "recipes",
      passed_over: ["dead/model"],
      stop_reason: "end_turn",
    });
    const spans = traces.spans();
    expect(spans.filter(({ name }) => name === "POST /v1/messages")).toHaveLength(7);
    const chat = spans.find(({ name }) => name === "chat default");
    expect(chat?.parentSpanId).toMatch(/^[0-9a-f]{16}$/);
    expect(chat?.attributes).toContainEqual({
      key: "gen_ai.request.model",
      value: { stringValue: "safe" },
    });
    for (const text of [result.stderr, ...traces.bodies]) {
      expect(text).not.toMatch(/My secret|sk-of-sales/);
      expect(text).not.toContain(researchKey);
    }
  });
});

describe("a server that is told to stop while it answers", () => {
  const configured = (baseUrl: string): string =>
    `engines:\n  held: { type: openai, baseUrl: "${baseUrl}" }\nlog: { prompts: true }\n`;
  const question = { ...QUESTION, model: "held/m" };

  test("finishes the answer first, and then ends well", async () => {
    await using endpoint = await heldEndpoint();
    const server = await startServer(configured(endpoint.baseUrl));
    const stream = client(server.url, "any").messages.stream(question);
    await new Promise<void>((resolve) => stream.once("text", () => resolve()));
    server.running.child.kill("SIGTERM");
    await untilError(server.running, /Stopping/);
    await expect(fetch(server.url)).rejects.toThrow();
    endpoint.send("The second part.");
    endpoint.end();
    const message = await stream.finalMessage();
    expect(message.content[0]).toMatchObject({ text: "The first part. The second part." });
    expect(message.stop_reason).toBe("end_turn");
    const { code, stderr } = await server.running.finished;
    expect(code).toBe(0);
    // The log was asked to hold what people write, and says so.
    expect(stderr).toMatch(/^The log holds the requests' bodies/);
    expect(stderr).toContain('"content":"My secret"');
  });

  test("cuts it with an error when it is told twice", async () => {
    await using endpoint = await heldEndpoint();
    const server = await startServer(configured(endpoint.baseUrl));
    const response = await fetch(`${server.url}/v1/messages`, {
      method: "POST",
      body: JSON.stringify({ ...question, stream: true }),
    });
    server.running.child.kill("SIGTERM");
    await untilError(server.running, /Stopping/);
    server.running.child.kill("SIGTERM");
    const told = performance.now();
    expect(await response.text()).toMatch(/The first part.*\nevent: error\ndata: \{"type":"error".*\n\n$/s);
    expect((await server.running.finished).code).toBe(EXIT.quit);
    expect(performance.now() - told).toBeLessThan(25_000);
  });
});

test("a configuration that is wrong is shown line by line, and nothing is served", async () => {
  const path = join(home.path, "wrong.yaml");
  await writeFile(
    path,
    "listen:\n  host: 0.0.0.0\nengines:\n  vllm:\n    type: opnai\nmodels:\n  fast: vlm/qwen3\n  key: $" +
      "{NOT_SET}\n",
  );
  const result = await runCli(["serve", "--config", path], { home: home.path });
  expect(result).toMatchObject({ code: EXIT.badInput, stdout: "" });
  for (const place of [
    "2:9  listen.host",
    "5:11  engines.vllm.type",
    "7:9  models.fast",
    "8:8  the environment",
  ]) {
    expect(result.stderr).toContain(`wrong.yaml:${place}`);
  }
  expect(result.stderr).toContain("Did you mean `openai`?");
});

test("--check says what would be served, by the file of the home where no other is named", async () => {
  await writeFile(
    join(home.path, "gateway.yaml"),
    "models: { fast: recipes/default }\nlisten: { port: 5050 }\n",
  );
  const { code, stdout } = await runCli(["serve", "--check"], { home: home.path });
  expect(code).toBe(0);
  expect(stdout).toMatch(/gateway\.yaml is right.*127\.0\.0\.1:5050.*fast → recipes\/default/s);
});

/** Resolves once standard error matches. */
function untilError({ child }: RunningCli, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let seen = "";
    child.stderr?.on("data", (text: string) => {
      seen += text;
      if (pattern.test(seen)) resolve();
    });
  });
}
