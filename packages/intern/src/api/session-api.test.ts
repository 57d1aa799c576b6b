import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { expect, test, vi } from "vitest";
import { readSession } from "../session/session-store.ts";
import { call } from "../testing/turn-bench.ts";
import type { OpenQuestion } from "./asked-questions.ts";
import { createSessionApi } from "./session-api.ts";
import { SessionRunner } from "./session-runner.ts";

const TERMS = { task_type: "classification", input_kind: "tabular", target: "label" };

test("what a session asks is listed, a wrong answer is told, and a right one is taken", async () => {
  const home = await mkdtemp(join(tmpdir(), "session-api-"));
  const data = join(home, "data.csv");
  await writeFile(data, "a,label\n1,x\n2,y\n");
  const words = ["Well.", "Well!", "Well?", "Well then."].map((text) => ({ text }));
  const engine = scriptedEngine([call("propose_contract", TERMS), ...words]);
  const client = new Anthropic({
    ...{ apiKey: "test", baseURL: "http://gateway.test", maxRetries: 0 },
    fetch: gatewayFetch(createGateway({ engines: { recipes: engine } })),
  });
  const failures: unknown[] = [];
  await using runner = new SessionRunner({ home, env: {}, client }, (_, error) => failures.push(error));
  const app = createSessionApi({ home, runner });
  const post = (path: string, body: unknown) =>
    app.request(path, { method: "POST", body: JSON.stringify(body) });
  const task = { task: "t", data, model: "recipes/default", asks: true };
  const { id } = (await (await post("/sessions", task)).json()) as { id: string };
  const questions = async (): Promise<readonly OpenQuestion[]> => {
    const answered = await app.request(`/sessions/${id}/questions`);
    return ((await answered.json()) as { questions: OpenQuestion[] }).questions;
  };
  await vi.waitFor(async () => expect(await questions()).toHaveLength(1), { timeout: 10_000 });
  const [{ request, agent, calls } = { request: "", agent: "", calls: [] }] = await questions();
  expect(agent).toBe("main");
  expect(calls).toMatchObject([{ tool: "propose_contract", input: TERMS }]);
  const answer = (rest: object) =>
    post(`/sessions/${id}/answers`, { request, answers: [{ id: calls[0]?.id, ...rest }] });

  expect((await answer({ kind: "maybe" })).status).toBe(400);
  const wrong = await answer({ kind: "approve_edited", input: { ...TERMS, target: 1 } });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    problems: [{ id: calls[0]?.id, message: expect.stringContaining("target") }],
  });
  expect(await questions()).toHaveLength(1);
  expect((await answer({ kind: "reject", words: "Take recall." })).status).toBe(200);
  expect(await questions()).toEqual([]);
  expect((await answer({ kind: "approve" })).status).toBe(409);

  await runner.whenAtRest(id);
  expect(failures).toEqual([]);
  const read = await readSession(home, id);
  expect(JSON.stringify(read?.state.messages)).toContain("They say: Take recall.");
  await rm(home, { recursive: true, force: true });
});
