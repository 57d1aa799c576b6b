import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
  expect(await list.json()).toEqual({ sessions: [] });
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
