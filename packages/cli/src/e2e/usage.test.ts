import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { openAiChunk, openAiUsageChunk, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { type CliResult, type RunningCli, runCli, startCli, testHome, untilOutput } from "./run-cli.ts";

const USAGE = { prompt_tokens: 1200, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 1000 } };

let home: Awaited<ReturnType<typeof testHome>>;
let endpoint: Awaited<ReturnType<typeof startScriptedOpenAiServer>>;
beforeAll(async () => {
  home = await testHome();
  endpoint = await startScriptedOpenAiServer(() => ({
    chunks: [openAiChunk({ content: "Hello" }), openAiChunk({}, "stop"), openAiUsageChunk(USAGE)],
  }));
  await writeFile(
    join(home.path, "gateway.yaml"),
    `engines: { chat: { type: openai, baseUrl: "${endpoint.baseUrl}" } }
models: { fast: chat/qwen3, other: chat/other }
prices: { chat/qwen3: { input: 1, output: 2 } }
`,
  );
  const first = await serve();
  await first.ask("fast");
  await first.ask("fast");
  first.running.child.kill("SIGTERM");
  await first.running.finished;
  const second = await serve();
  await second.ask("fast");
  await second.ask("other");
  // A line is on disk about a second after its request.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  second.running.child.kill("SIGKILL");
  await second.running.finished;
});
afterAll(async () => {
  await endpoint[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function serve(): Promise<{ running: RunningCli; ask: (model: string) => Promise<unknown> }> {
  const running = startCli(["serve", "--port", "0", "--hub-port", "0"], { home: home.path });
  const { messages } = JSON.parse((await untilOutput(running, /\}\n/)).trim()) as { messages: string };
  const client = new Anthropic({ baseURL: messages, apiKey: "any", maxRetries: 0 });
  const question = { max_tokens: 100, messages: [{ role: "user" as const, content: "My secret" }] };
  return { running, ask: (model) => client.messages.stream({ ...question, model }).finalMessage() };
}

function usage(...args: readonly string[]): Promise<CliResult> {
  return runCli(["usage", ...args], { home: home.path });
}

test("what was asked of a server is in the report, over a restart and a kill -9", async () => {
  const { code, stdout, stderr } = await usage("--since", "1d");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  // 200 tokens at $1, 1,000 at $0.10, 50 at $2, a million: $0.0004, three times.
  expect(stdout).toMatch(/^chat\/qwen3 +3 +600 +0 +0 +3,000 +150 +83\.3 % +\$0\.0012 +\$0\.0027$/m);
  expect(stdout).toMatch(/^chat\/other +1 +200 +0 +0 +1,000 +50 +83\.3 % +unknown +unknown$/m);
  expect(stdout).toContain("Caching saved you $0.0027");
  expect(stdout).toContain("The price of 1 request is unknown, and not in these sums: chat/other.");
});

describe("the same, for programs", () => {
  test("as CSV and as JSON, added up", async () => {
    const csv = await usage("--format", "csv", "--by", "workspace");
    expect(csv.stdout.split("\r\n")[1]).toBe(
      "default,4,0,0,1,800,0,0,4000,200,0.0006,0,0,0.0003,0.0003,0.0012,0.0039,0.0027,0.8333333333333334,0,0,0",
    );
    const json = JSON.parse((await usage("--format", "json", "--by", "day")).stdout) as { rows: unknown[] };
    expect(json).toMatchObject({ by: "day", total: { requests: 4, usd: { total: "0.0012" } } });
    expect(json.rows).toHaveLength(1);
  });

  test("and line by line, with nothing that anybody wrote", async () => {
    const json = await usage("--lines", "--format", "json");
    const lines = json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(4);
    for (const line of lines)
      expect(line).toMatchObject({ input_tokens: 200, cache_read_tokens: 1000, output_tokens: 50 });
    const csv = await usage("--lines", "--format", "csv");
    expect(csv.stdout.split("\r\n")).toHaveLength(6);
    expect(csv.stdout).toMatch(/^time,request_id,workspace,key,session,model,engine,upstream_model,batch,/);
    expect(json.stdout + csv.stdout).not.toMatch(/secret/i);
  });

  test("a damaged line is left out and told", async () => {
    await writeFile(join(home.path, "usage", "2026-11.damaged.jsonl"), "garbage\n");
    const { code, stdout, stderr } = await usage("--format", "json");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "2026-11.damaged.jsonl: 1 line left out, because of damage.\n",
    });
    expect(JSON.parse(stdout)).toMatchObject({ total: { requests: 4 } });
    await rm(join(home.path, "usage", "2026-11.damaged.jsonl"));
  });
});

test("a time that is none is bad input, with its mend", async () => {
  const { code, stdout, stderr } = await usage("--since", "yesterday");
  expect({ code, stdout }).toEqual({ code: EXIT.badInput, stdout: "" });
  expect(stderr).toContain('--since is not a time: "yesterday".\n  Write 2026-11');
});

test("a home without usage is told from one without requests in that time", async () => {
  const empty = await runCli(["usage"], { home: join(home.path, "nowhere") });
  expect(empty).toMatchObject({ code: EXIT.badInput, stdout: "" });
  expect(empty.stderr).toMatch(/No usage is kept in .*nowhere\/usage\.\n {2}`ml-intern serve` keeps it/);
  expect(await usage("--until", "2020-01")).toMatchObject({
    code: 0,
    stdout: "No requests up to the end of 2020-01-31.\n",
  });
});

test("nothing is kept where the configuration says so", async () => {
  const before = await readdir(join(home.path, "usage"));
  const path = join(home.path, "without.yaml");
  await writeFile(path, "usage: { enabled: false }\n");
  const running = startCli(["serve", "--config", path, "--port", "0", "--hub-port", "0"], {
    home: home.path,
  });
  const { messages } = JSON.parse((await untilOutput(running, /\}\n/)).trim()) as { messages: string };
  const body = JSON.stringify({
    ...{ model: "recipes/default", max_tokens: 9 },
    messages: [{ role: "user", content: "hi" }],
  });
  const answer = await fetch(`${messages}/v1/messages`, { method: "POST", body });
  expect(answer.status).toBe(200);
  await answer.text();
  running.child.kill("SIGTERM");
  await running.finished;
  expect(await readdir(join(home.path, "usage"))).toEqual(before);
});
