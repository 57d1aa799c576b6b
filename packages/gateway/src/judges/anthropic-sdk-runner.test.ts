import { type Anthropic, APIUserAbortError } from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { describe, expect, it, vi } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { anthropicSdk } from "./anthropic-sdk-judge.ts";
import { type Chain, startChain } from "./chain.ts";
import { PARALLEL, QUESTION, TWO_STEPS } from "./scenarios.ts";

interface Run {
  readonly tools: Anthropic.Beta.BetaToolUnion[];
  /** Calls that have run, with their arguments. */
  readonly ran: string[];
}

function tools(): Run {
  const ran: string[] = [];
  return {
    ran,
    tools: [
      betaTool({
        name: "get_weather",
        description: "Says what the weather is like.",
        inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        run: ({ city }) => {
          ran.push(`get_weather ${city}`);
          return "18 degrees";
        },
      }),
      betaTool({
        name: "get_time",
        description: "Says what time it is.",
        inputSchema: { type: "object", properties: {} },
        run: () => {
          ran.push("get_time");
          return "12:30";
        },
      }),
    ],
  };
}

function params(chain: Chain, { tools }: Run): Parameters<Anthropic.Beta.Messages["toolRunner"]>[0] {
  return {
    model: chain.model,
    max_tokens: 1000,
    messages: [{ role: "user", content: QUESTION.prompt }],
    tools,
  };
}

function textOf(message: Anthropic.Beta.BetaMessage): string {
  return message.content.flatMap((block) => (block.type === "text" ? block.text : [])).join("");
}

describe.each(["chat", "relay"] as const)("the tool runner, over the engine for %s", (kind) => {
  it.each([false, true])("runs two steps to the end (streaming: %s)", async (stream) => {
    verifies("client.tool-runner");
    await using chain = await startChain(kind, TWO_STEPS.answers);
    const run = tools();
    const runner = anthropicSdk(chain).beta.messages.toolRunner({ ...params(chain, run), stream });
    expect(textOf(await runner.runUntilDone())).toBe("It is 18 degrees in Paris.");
    expect(run.ran).toEqual(["get_weather Paris"]);
    expect(chain.upstream).toHaveLength(2);
  });

  it.each([false, true])(
    "runs parallel calls and sends their results together (streaming: %s)",
    async (stream) => {
      verifies("tool-stream.parallel");
      await using chain = await startChain(kind, PARALLEL.answers);
      const run = tools();
      const runner = anthropicSdk(chain).beta.messages.toolRunner({ ...params(chain, run), stream });
      expect(textOf(await runner.runUntilDone())).toBe("18 degrees at 12:30.");
      expect(run.ran).toEqual(["get_weather Paris", "get_time"]);
      expect(chain.upstream).toHaveLength(2);
    },
  );

  it("begins with a message thread, which only another Messages server can go on with", async () => {
    verifies("context.threads");
    await using chain = await startChain(kind, TWO_STEPS.answers);
    await anthropicSdk(chain).beta.messages.toolRunner(params(chain, tools())).runUntilDone();
    const [first, second] = chain.upstream;
    expect(first?.body.messages.length).toBe(1);
    if (kind === "relay") {
      expect(second?.body).toMatchObject({ thread: { type: "continue" }, messages: [{ role: "user" }] });
    } else {
      // Refused with the code that makes the client send the whole conversation.
      expect(chain.log.map(({ status }) => status)).toEqual([200, 400, 200]);
      expect(second?.body.messages).toMatchObject([
        { role: "user" },
        { role: "assistant" },
        { role: "tool" },
      ]);
    }
  });

  it("starts a call while the message is still being written", async () => {
    const [first] = PARALLEL.answers;
    if (!first || !("toolCalls" in first)) throw new Error("The scenario begins with calls");
    await using chain = await startChain(kind, [{ says: first, breaksOff: "silence" }]);
    const run = tools();
    const controller = new AbortController();
    const runner = anthropicSdk(chain).beta.messages.toolRunner(
      { ...params(chain, run), stream: true, runToolsEagerly: true },
      { signal: controller.signal },
    );
    const ended = runner.runUntilDone();
    // The second block has begun, which is when the runner knows that the first is whole.
    await vi.waitFor(() => expect(run.ran).toEqual(["get_weather Paris"]));
    controller.abort();
    await expect(ended).rejects.toThrow(APIUserAbortError);
  });
});
