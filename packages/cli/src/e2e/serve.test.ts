import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createRepo, listModels, uploadFile, whoAmI } from "@huggingface/hub";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { type RunningCli, runCli, startCli, testHome, untilOutput } from "./run-cli.ts";

let home: Awaited<ReturnType<typeof testHome>>;
let server: RunningCli;
let urls: { messages: string; hub: string; api: string };

beforeAll(async () => {
  home = await testHome();
  server = startCli(["serve", "--port", "0", "--hub-port", "0"], { home: home.path });
  urls = JSON.parse((await untilOutput(server, /\}\n/)).trim());
});
afterAll(async () => {
  server.child.kill("SIGTERM");
  expect((await server.finished).code).toBe(0);
  await home[Symbol.asyncDispose]();
});

test("the official client talks to the Messages server with any key", async () => {
  const client = new Anthropic({ baseURL: urls.messages, apiKey: "anything" });
  const message = await client.messages.create({
    model: "recipes/default",
    max_tokens: 500,
    messages: [{ role: "user", content: "Who are you?" }],
  });
  expect(message.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/recipe/i) });
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toContain("recipes/default");
});

test("the hub takes a repository and a file, and lists it", async () => {
  const access = { accessToken: "hf_test", hubUrl: urls.hub };
  const { name } = await whoAmI(access);
  await createRepo({ repo: `${name}/demo`, ...access });
  await uploadFile({
    repo: `${name}/demo`,
    file: { path: "a.txt", content: new Blob(["hello"]) },
    useXet: false,
    ...access,
  });
  const names: string[] = [];
  for await (const model of listModels({ ...access })) names.push(model.name);
  expect(names).toContain(`${name}/demo`);
});

test("the session API lists, explains what is wrong, and answers no foreign page", async () => {
  const list = await fetch(`${urls.api}/sessions`);
  expect(await list.json()).toEqual({ sessions: expect.any(Array) });
  const wrong = await fetch(`${urls.api}/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ task: "" }),
  });
  expect(wrong.status).toBe(400);
  const noData = await fetch(`${urls.api}/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ task: "Train" }),
  });
  expect(await noData.json()).toMatchObject({ error: { code: "task/no_data" } });
  expect((await fetch(`${urls.api}/sessions/none`)).status).toBe(404);
  expect((await fetch(`${urls.api}/sessions`, { headers: { origin: "https://evil.example" } })).status).toBe(
    403,
  );
});

test("a session can be started, watched, interrupted and watched again over the API", async () => {
  const data = join(home.path, "fine.csv");
  const rows = Array.from({ length: 60 }, (_, i) => `${(i * 13) % 17},${(i * 7) % 11},${i % 2}`);
  await writeFile(data, `a,b,y\n${rows.join("\n")}\n`);
  const started = await fetch(`${urls.api}/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ task: "Predict y", data, model: "recipes/default" }),
  });
  expect(started.status).toBe(201);
  const { id } = (await started.json()) as { id: string };
  const live = await eventStream(`${urls.api}/sessions/${id}/events`, /"kind":"contract"/);
  expect(live).toMatch(/^id: 1\nevent: session_created\n/);
  expect(await (await fetch(`${urls.api}/sessions/${id}/interrupt`, { method: "POST" })).json()).toEqual({
    interrupted: true,
  });
  expect(await (await fetch(`${urls.api}/sessions/${id}`)).json()).toMatchObject({
    outcome: "stopped",
    working: false,
  });
  const later = await eventStream(`${urls.api}/sessions/${id}/events?after=2`, /"outcome":"stopped"/);
  expect(later).toMatch(/^id: 3\n/);
});

/** Reads server-sent events until the text matches. */
async function eventStream(url: string, until: RegExp): Promise<string> {
  const response = await fetch(url);
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (until.test(text)) break;
  }
  return text;
}

test("a taken port is named with its mend", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  for (const args of [
    ["--port", String(port), "--hub-port", "0"],
    ["--port", "0", "--hub-port", String(port)],
  ]) {
    const result = await runCli(["serve", ...args], { home: home.path });
    expect(result).toMatchObject({ code: EXIT.environment, stderr: expect.stringContaining(String(port)) });
  }
  taken.close();
});
