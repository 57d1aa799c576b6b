import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { type ScriptedAnswer, type ScriptedEngine, scriptedEngine } from "@ml-intern/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Approve, approveAll, type Question } from "../approvals/answer-questions.ts";
import { work } from "../intern.ts";
import type { TurnResult } from "../loop/endings.ts";
import { Session } from "../session/session-store.ts";

let home: string;
let session: Session;
let engine: ScriptedEngine;
let asked: Question[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "prices-"));
  session = await Session.create(home, {
    ...{ task: "t", data: "/none.csv", target: null, model: "scripted/default", budget_usd: 5 },
    ...{ max_iterations: 20, sandbox: "none", hub: "local" },
  });
  asked = [];
  const giveUp: ScriptedAnswer = { text: "It cannot be done." };
  engine = scriptedEngine([giveUp, giveUp, giveUp, giveUp]);
});

afterEach(async () => {
  await session[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

function turn(approve: Approve | null, signal = new AbortController().signal): Promise<TurnResult> {
  const fetch = gatewayFetch(createGateway({ engines: { scripted: engine } }));
  const client = new Anthropic({ apiKey: "test", baseURL: "http://gateway.test", fetch, maxRetries: 0 });
  return work(session, { home, env: {}, client, approve, signal });
}

const says =
  (kind: "approve" | "reject"): Approve =>
  async (question) => {
    asked.push(question);
    return question.calls.map(({ id }) => (kind === "approve" ? { id, kind } : { id, kind, words: "" }));
  };

test("the person is asked before anything is spent, and their yes holds from then on", async () => {
  expect(await turn(says("approve"))).toMatchObject({
    outcome: "failed",
    cause: { code: "task/unfinished" },
  });
  expect(asked.map(({ calls }) => calls)).toMatchObject([
    [{ tool: "go_on_without_price", input: { of: ["scripted/default"] }, estimated_usd: null }],
  ]);
  expect(asked[0]?.calls[0]?.why).toContain("The price of scripted/default is not known");
  const requests = engine.requests.length;
  expect(requests).toBeGreaterThan(0);
  await session[Symbol.asyncDispose]();
  session = await Session.open(home, session.state.id);
  await turn(says("approve"));
  expect(asked).toHaveLength(1);
  expect(engine.requests.length).toBeGreaterThan(requests);
});

test("without their yes, with nobody to ask and with --yes the work is blocked before the first request", async () => {
  for (const approve of [says("reject"), null, approveAll]) {
    const result = await turn(approve);
    expect(result).toMatchObject({
      outcome: "budget",
      cause: {
        code: "budget/unknown_price",
        mend: expect.stringContaining("`prices` in the section budget"),
      },
    });
  }
  expect(asked).toHaveLength(1);
  expect(engine.requests).toEqual([]);
});

test("an interrupt ends the question with the turn, and the next turn asks again", async () => {
  const controller = new AbortController();
  const never: Approve = () => {
    controller.abort();
    return new Promise(() => undefined);
  };
  expect(await turn(never, controller.signal)).toMatchObject({ outcome: "stopped" });
  await turn(says("approve"));
  expect(asked).toHaveLength(1);
  expect(engine.requests.length).toBeGreaterThan(0);
});
