import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptedEngine } from "@ml-intern/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { Batches } from "../batches/batches.ts";
import { createGateway } from "../create-gateway.ts";
import { serveGateway } from "../serve-gateway.ts";
import { startChain } from "./chain.ts";
import { describeJudge } from "./describe-judge.ts";
import { installedFromPip } from "./installed.ts";
import type { Reply } from "./judge.ts";
import { type PythonProcess, pythonJudge, startPython } from "./python-judge.ts";
import { QUESTION, TWO_STEPS } from "./scenarios.ts";

const PACKAGE = "anthropic==2.12.0";
const installed = await installedFromPip(PACKAGE);

if ("missing" in installed) {
  console.warn(`SKIPPED: the server was not tried with Python's ${PACKAGE}: ${installed.missing}`);
  describe.skip(`Python's ${PACKAGE}`);
} else {
  const python = startPython(installed);
  afterAll(() => python[Symbol.asyncDispose]());
  const client = { python, isAsync: false };
  describeJudge("Python's client with its streaming helper", pythonJudge({ ...client, streams: true }));
  describeJudge("Python's client without streaming", pythonJudge({ ...client, streams: false }));
  describeJudge("Python's client for asyncio", pythonJudge({ ...client, isAsync: true, streams: true }));
  describePythonOnly(python);
}

function describePythonOnly(python: PythonProcess): void {
  describe.each(["chat", "relay"] as const)("Python's client, over the engine for %s", (kind) => {
    it("hears of thinking, text and a call in the order in which they were written", async () => {
      await using chain = await startChain(kind, [
        {
          thinking: "Let me think.",
          text: "I look.",
          toolCalls: [{ name: "get_weather", input: { city: "Paris" } }],
        },
      ]);
      const { seen, requestId } = await python.ask<{ seen: [string, unknown][]; requestId: string }>(
        "events",
        {
          target: chain,
          conversation: { ...QUESTION, thinking: true },
        },
      );
      // Without what the next line repeats with a longer snapshot.
      expect(seen.filter(([name], index) => seen[index + 1]?.[0] !== name)).toEqual([
        ["thinking", "Let me think."],
        ["signature", expect.stringMatching(/./)],
        ["content_block_stop", "thinking"],
        ["text", "I look."],
        ["content_block_stop", "text"],
        ["input_json", { city: "Paris" }],
        ["content_block_stop", "tool_use"],
        ["message_stop", "tool_use"],
      ]);
      expect(requestId).toMatch(/^req_/);
    });

    it.each([false, true])("runs a function as a tool to the end (streaming: %s)", async (streams) => {
      await using chain = await startChain(kind, TWO_STEPS.answers);
      const { cities, reply } = await python.ask<{ cities: string[]; reply: Reply }>("run_tools", {
        target: chain,
        streams,
      });
      expect(cities).toEqual(["Paris"]);
      expect(reply).toMatchObject({ text: "It is 18 degrees in Paris.", stopReason: "end_turn" });
    });

    it("asks again after 529", async () => {
      await using chain = await startChain(kind, [
        { refuses: 529, message: "Overloaded", retryAfter: 1 },
        { text: "Fine." },
      ]);
      const { reply, requestId } = await python.ask<{ reply: Reply; requestId: string }>("ask_with_retries", {
        target: chain,
        conversation: QUESTION,
      });
      expect(reply).toMatchObject({ text: "Fine." });
      expect(requestId).toMatch(/^req_/);
      expect(chain.log.map(({ status }) => status)).toEqual([529, 200]);
    });
  });

  it("Python's client pages through models, and runs a batch to its results", async () => {
    const names = ["one", "two", "three"];
    const folder = await mkdtemp(join(tmpdir(), "judge-batches-"));
    try {
      await using batches = await Batches.open({ folder });
      const engine = scriptedEngine(({ messages }) => ({ text: String(messages[0]?.content) }), {
        models: names,
      });
      await using gateway = await serveGateway({
        app: createGateway({ engines: { scripted: engine }, batches }),
      });
      const target = { url: gateway.url, key: "any", model: "scripted/one" };
      expect(await python.ask("list_models", { target, limit: 2 })).toEqual({
        ids: names.map((name) => `scripted/${name}`),
        first: "Scripted one",
      });
      expect(await python.ask("run_batch", { target })).toEqual({
        results: { first: "a", second: "b", broken: "invalid_request_error" },
        counts: { processing: 0, succeeded: 2, errored: 1, canceled: 0, expired: 0 },
        listed: true,
        deleted: "message_batch_deleted",
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
