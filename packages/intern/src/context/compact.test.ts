import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "@ml-intern/gateway";
import type { InputMessage } from "@ml-intern/messages";
import type { ScriptedAnswer } from "@ml-intern/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readSession } from "../session/session-store.ts";
import { call, publish, turnBench } from "../testing/turn-bench.ts";
import { defineTool } from "../tools/define-tool.ts";
import { planTool } from "../tools/plan-tool.ts";
import { compactionLimit } from "./context-size.ts";

/** Gives so many characters, all different. */
const dig = defineTool({
  name: "dig",
  description: "Digs.",
  readOnly: true,
  input: z.strictObject({ size: z.int(), mark: z.string() }),
  execute: async ({ size, mark }) => `${mark} ${"earth ".repeat(size / 6)}`,
});

const REFUSED = new GatewayError("No notes.", {
  code: "endpoint_refused_request",
  status: 400,
  type: "invalid_request_error",
});

const NOTES = `Dug ten holes. ${"The third one was the deepest. ".repeat(5)}`;

/** What it says with every call, which no file can take from it. */
const CHATTER = "Now I shall dig another hole, and this one deeper. ".repeat(30);

/** A model that digs so often, writes notes when asked, and then publishes. */
function digger(
  times: number,
  size: number,
  { notes = { text: NOTES } as ScriptedAnswer, text = "Dig." } = {},
) {
  let dug = 0;
  return (request: { readonly messages: readonly InputMessage[] }): ScriptedAnswer => {
    const last = request.messages.at(-1)?.content;
    if (typeof last === "string" && last.includes("Write notes")) return notes;
    if (dug === 0) {
      dug++;
      return call("plan", { steps: [{ title: "dig on", status: "active" }] });
    }
    if (dug <= times) return { text, ...call("dig", { size, mark: `hole-${dug++}` }) };
    return JSON.stringify(request.messages).includes("published") ? { text: "Done." } : call("publish", {});
  };
}

const tools = [planTool, dig, publish];
const WINDOW = 20_000;

test("the limit is 170k tokens, 85 % of the window, or what leaves room for an answer", () => {
  expect(compactionLimit({ tokens: 1_000_000, output: 16_000 })).toBe(170_000);
  expect(compactionLimit({ tokens: 100_000, output: 8_000 })).toBe(85_000);
  expect(compactionLimit({ tokens: 20_000, output: 5_000 })).toBe(15_000);
  expect(compactionLimit({ tokens: null, output: 5_000 })).toBe(170_000);
});

test("old results give way to files first, and nothing else is lost", async () => {
  const { turn, engine, session } = await turnBench(digger(14, 6_000), { max_iterations: 60 });
  expect((await turn({ tools, window: WINDOW })).outcome).toBe("published");
  const past = await session.past();
  const compactions = past.filter((event) => event.type === "compacted");
  expect(compactions[0]).toMatchObject({ reason: "limit", summary: null });
  const [id = ""] = compactions[0]?.elided ?? [];
  const kept = await readFile(join(session.paths.workspace, ".output", `${id}.txt`), "utf8");
  expect(kept).toMatch(/^hole-1 earth/);
  const after = engine.requests.find(({ messages }) =>
    JSON.stringify(messages).includes(`.output/${id}.txt`),
  );
  expect(after?.messages[0]).toEqual(engine.requests[0]?.messages[0]);
});

describe("a session of one single user message that grows past the window many times", () => {
  test("goes on with notes, everything pinned, and a conversation that stays below the limit", async () => {
    const { turn, engine, session } = await turnBench(digger(120, 1_200, { text: CHATTER }), {
      max_iterations: 400,
      task: "Dig, but never under the house.",
    });
    expect((await turn({ tools, window: WINDOW, text: "Dig, but never under the house." })).outcome).toBe(
      "published",
    );
    const compactions = (await session.past()).filter((event) => event.type === "compacted");
    const summarised = compactions.filter(({ summary }) => summary !== null);
    expect(summarised.length).toBeGreaterThan(1);
    for (const { summary, facts, tokens_after } of summarised) {
      expect(summary).toContain("never under the house");
      expect(summary).toContain("- [active] dig on");
      expect(summary).toContain("Dug ten holes.");
      expect(facts.missing).toEqual([]);
      expect(tokens_after).toBeLessThan(0.7 * 16_000);
    }
    const sizes = engine.requests.map(({ messages }) => JSON.stringify(messages).length / 4);
    expect(Math.max(...sizes)).toBeLessThan(17_000);
  });

  test("every request extends the one before byte for byte, but where a compaction begins anew", async () => {
    const { turn, engine, session } = await turnBench(digger(60, 1_200, { text: CHATTER }), {
      max_iterations: 400,
    });
    await turn({ tools, window: WINDOW });
    const texts = engine.requests
      .filter(({ messages }) => !JSON.stringify(messages.at(-1)).includes("Write notes"))
      .map(({ messages }) => JSON.stringify(messages).slice(0, -1));
    const breaks = texts.filter((text, index) => index > 0 && !text.startsWith(texts[index - 1] as string));
    const compactions = (await session.past()).filter((event) => event.type === "compacted");
    expect(breaks).toHaveLength(compactions.length);
    for (const { system, tools } of engine.requests) {
      expect(JSON.stringify([system, tools])).toBe(
        JSON.stringify([engine.requests[0]?.system, engine.requests[0]?.tools]),
      );
    }
  });

  test.each([
    ["fails", { fails: REFUSED }],
    ["says nothing", { text: "" }],
    ["calls tools instead", call("dig", { size: 6, mark: "x" })],
  ] as const)(
    "goes on when the model that should take notes %s",
    async (_, notes) => {
      const { turn, session } = await turnBench(digger(40, 1_200, { notes, text: CHATTER }), {
        max_iterations: 400,
      });
      expect((await turn({ tools, window: WINDOW })).outcome).toBe("published");
      const last = (await session.past()).findLast(
        (event) => event.type === "compacted" && event.summary !== null,
      );
      expect(last).toMatchObject({ summary: expect.stringContaining("There are no notes"), usage: null });
    },
    60_000,
  );

  test("is the same after a restart", async () => {
    const { turn, session, home } = await turnBench(digger(60, 1_200, { text: CHATTER }), {
      max_iterations: 400,
    });
    await turn({ tools, window: WINDOW });
    const again = await readSession(home, session.state.id);
    expect(again?.state).toEqual(session.state);
  });
});

test("a person can ask for it before it is due", async () => {
  const { turn, session } = await turnBench(digger(4, 600), { max_iterations: 40 });
  session.subscribe((event) => {
    if (event.type === "iteration_started" && event.iteration === 4) {
      void session.append({ type: "compaction_asked" });
    }
  });
  await turn({ tools, window: 200_000 });
  const compactions = (await session.past()).filter((event) => event.type === "compacted");
  expect(compactions).toMatchObject([{ reason: "asked", summary: expect.stringContaining("Dug ten holes") }]);
});

test("a single result larger than the window does not end the session", async () => {
  const { turn } = await turnBench(digger(3, 19_000), { max_iterations: 40 });
  expect((await turn({ tools, window: 6_000 })).outcome).toBe("published");
});
