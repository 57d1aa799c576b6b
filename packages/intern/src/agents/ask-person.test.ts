import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import type { Question } from "../approvals/answer-questions.ts";
import { createSession, work } from "../intern.ts";
import { temporaryHome } from "../testing/run-bench.ts";
import { call } from "../testing/turn-bench.ts";
import { isOfAgent, researchScript } from "./testing/research-script.ts";

test("a question to the person says which agent asks, and its call can be edited as any other", async () => {
  const home = await temporaryHome();
  const data = join(home, "data.csv");
  await writeFile(data, "a,label\n1,x\n2,y\n");
  await writeFile(
    join(home, "intern.yaml"),
    "approvals:\n  rules:\n    - { decision: ask, tool: read, agent: main/research }\n",
  );
  const script = researchScript({
    main: [call("research", { question: "What do the notes say?" }), { text: "So." }, { text: "So!" }],
    agent: ({ step }) => (step === 0 ? call("read", { path: "absent.txt" }) : { text: "Nothing." }),
  });
  const engine = scriptedEngine(script);
  const client = new Anthropic({
    ...{ apiKey: "test", baseURL: "http://gateway.test", maxRetries: 0 },
    fetch: gatewayFetch(createGateway({ engines: { recipes: engine } })),
  });
  const context = { home, env: {}, client };
  const { signal } = new AbortController();
  const task = {
    ...{ task: "t", data, target: null, model: "recipes/default", budgetUsd: null },
    ...({ maxIterations: 20, sandbox: "none", hub: "local" } as const),
  };
  await using session = await createSession(task, context, signal);
  await writeFile(join(session.paths.workspace, "notes.txt"), "id is the row number\n");
  const asked: Pick<Question, "agent" | "calls">[] = [];
  await work(session, {
    ...context,
    approve: async ({ agent, calls }) => {
      asked.push({ agent, calls });
      return calls.map(({ id }) => ({ id, kind: "approve_edited", input: { path: "notes.txt" } }));
    },
    signal,
  });
  expect(asked).toMatchObject([{ agent: "main/research", calls: [{ tool: "read" }] }]);
  const [, second] = engine.requests.filter(isOfAgent);
  expect(JSON.stringify(second?.messages.at(-1))).toContain("id is the row number");
  await rm(home, { recursive: true, force: true });
});
