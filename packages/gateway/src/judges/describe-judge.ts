import { describe, expect, it } from "vitest";
import { type Chain, type ChainKind, startChain } from "./chain.ts";
import type { Judge, Reply } from "./judge.ts";
import * as scenarios from "./scenarios.ts";

const KINDS: readonly ChainKind[] = ["chat", "relay"];

/** Every official client sees the same conversation, whatever speaks behind the gateway. */
export function describeJudge(name: string, judge: Judge): void {
  describe.each(KINDS)(`${name}, over the engine for %s`, (kind) => {
    const converse = async ({ conversation, answers }: scenarios.Scenario): Promise<Talk> => {
      await using chain = await startChain(kind, answers);
      const replies = await judge.converse(chain, conversation);
      return { replies, upstream: chain.upstream, log: chain.log };
    };

    it("runs a loop of two steps: text with a call, then text", async () => {
      const { replies, upstream } = await converse(scenarios.TWO_STEPS);
      expect(replies).toMatchObject([
        {
          text: "Let me look.",
          calls: [{ name: "get_weather", input: { city: "Paris" } }],
          stopReason: "tool_use",
          stopSequence: null,
          inputTokens: 472,
          outputTokens: 89,
        },
        { text: "It is 18 degrees in Paris.", calls: [], stopReason: "end_turn" },
      ]);
      expect(upstream).toHaveLength(2);
    });

    it("runs two calls of one message, one of them without arguments, and answers both at once", async () => {
      const { replies, upstream } = await converse(scenarios.PARALLEL);
      expect(replies).toMatchObject([
        {
          text: "",
          calls: [
            { name: "get_weather", input: { city: "Paris" } },
            { name: "get_time", input: {} },
          ],
          stopReason: "tool_use",
        },
        { text: "18 degrees at 12:30.", stopReason: "end_turn" },
      ]);
      const [first, second] = calls(replies[0]);
      expect(first?.id).not.toBe(second?.id);
      expect(resultsOf(upstream[1], kind)).toEqual([
        { id: first?.id, text: "18 degrees" },
        { id: second?.id, text: "12:30" },
      ]);
    });

    it("thinks before a call, and its thinking comes back signed and unchanged", async () => {
      const { replies, upstream } = await converse(scenarios.THINKING);
      expect(replies).toMatchObject([
        { thinking: "The user wants the weather, so I look it up.", stopReason: "tool_use" },
        { thinking: "18 degrees it is.", text: "It is 18 degrees in Paris.", stopReason: "end_turn" },
      ]);
      if (kind === "chat") return;
      const said = upstream[1]?.body.messages[1] as { readonly content: readonly object[] };
      expect(said.content[0]).toEqual({
        type: "thinking",
        thinking: "The user wants the weather, so I look it up.",
        signature: "scripted",
      });
    });

    it("is told when text is cut by max_tokens", async () => {
      const { replies } = await converse(scenarios.CUT_TEXT);
      expect(replies).toMatchObject([{ text: "It is 18 degr", stopReason: "max_tokens" }]);
    });

    it("is told when a call is cut by max_tokens, and gets nothing that the model did not write", async () => {
      const { replies } = await converse(scenarios.CUT_CALL);
      expect(replies).toMatchObject([{ stopReason: "max_tokens" }]);
      for (const { name, input } of calls(replies[0])) {
        expect(name).toBe("write_file");
        if (typeof input === "string")
          expect('{"path": "poem.txt", "body": "Beneath the vast and star-strewn').toContain(input);
        else expect([{}, { path: "poem.txt" }]).toContainEqual(input);
      }
    });

    it("is told which stop sequence ended the text", async () => {
      const { replies } = await converse({
        ...scenarios.STOP_SEQUENCE,
        // An endpoint for chat writes on: there the gateway looks for the sequence.
        ...(kind === "chat" ? { answers: [{ text: "one two three four five nine" }] } : {}),
      });
      expect(replies).toMatchObject([
        { text: "one two three ", stopReason: "stop_sequence", stopSequence: "four" },
      ]);
    });

    it("gets every character of every script, in text and in arguments", async () => {
      const { replies } = await converse(scenarios.SCRIPTS);
      expect(replies).toMatchObject([
        {
          text: scenarios.MANY_SCRIPTS,
          calls: [{ input: { path: "東京.txt", body: scenarios.MANY_SCRIPTS } }],
        },
        { text: "Done 🌍" },
      ]);
    });

    // Another Messages server's own deltas are passed on as they are.
    if (kind === "chat") {
      it("gets whole characters where the endpoint cuts them in two", async () => {
        const { replies } = await converse(scenarios.SPLIT_CHARACTERS);
        expect(replies[0]).toMatchObject({
          thinking: "🌍".repeat(300),
          text: "a🌍🌍🌍".repeat(300),
          calls: [{ input: { path: "🌍".repeat(7), body: `${"🌍".repeat(500)}\uFFFD!` } }],
        });
      });
    }

    it("gets long arguments", async () => {
      const { replies } = await converse(scenarios.LONG_CALL);
      expect(calls(replies[0])[0]?.input).toEqual({ path: "a.txt", body: scenarios.LONG_BODY });
      expect(replies[1]).toMatchObject({ text: "Done." });
    });

    it("sees a failure in mid-stream as an overloaded_error, after the text that had come", async () => {
      const { replies, log } = await converse({
        conversation: scenarios.QUESTION,
        answers: [{ says: { text: "Partial answer" }, breaksOff: "overloaded" }],
      });
      expect(replies).toMatchObject([
        { kind: "failure", type: "overloaded_error", message: expect.stringContaining("Overloaded") },
      ]);
      expect(replies[0]?.text).toBe(judge.streams ? "Partial answer" : "");
      expect(log).toMatchObject([{ status: judge.streams ? 200 : 529, error_type: "overloaded_error" }]);
    });

    it("sees a connection that breaks behind the gateway as a failure, not as an answer", async () => {
      const { replies, log } = await converse({
        conversation: scenarios.QUESTION,
        answers: [{ says: { text: "Partial answer" }, breaksOff: "cut" }],
      });
      expect(replies).toMatchObject([{ kind: "failure", type: "api_error" }]);
      expect(log).toMatchObject([{ error_type: "api_error" }]);
    });

    it.each([
      { refuses: 429, type: "rate_limit_error" },
      { refuses: 529, type: "overloaded_error" },
      { refuses: 400, type: "invalid_request_error" },
      { refuses: 401, type: "authentication_error" },
    ] as const)("sees a refusal before the first byte: $refuses $type", async ({ refuses, type }) => {
      const { replies } = await converse({
        conversation: scenarios.QUESTION,
        answers: [{ refuses, message: "Not now", retryAfter: 7 }],
      });
      expect(replies).toMatchObject([
        { kind: "failure", status: refuses, type, message: expect.stringContaining("Not now") },
      ]);
    });

    it("is refused with another key, and with a model that nobody has", async () => {
      await using chain = await startChain(kind, []);
      const asked = (target: Partial<Chain>): Promise<readonly Reply[]> =>
        judge.converse({ url: chain.url, key: chain.key, model: chain.model, ...target }, scenarios.QUESTION);
      expect(await asked({ key: "sk-other" })).toMatchObject([
        { kind: "failure", status: 401, type: "authentication_error" },
      ]);
      expect(await asked({ model: "nobody/has-it" })).toMatchObject([
        {
          kind: "failure",
          status: 404,
          type: "not_found_error",
          message: expect.stringContaining("model: nobody/has-it"),
        },
      ]);
      expect(chain.upstream).toEqual([]);
    });

    const { streams, leave, countTokens } = judge;
    if (streams && leave) {
      it("leaves in the middle, and the model stops within a second", async () => {
        await using chain = await startChain(kind, [
          { says: { text: "A long story" }, breaksOff: "silence" },
        ]);
        await leave(chain, scenarios.QUESTION);
        await chain.gatewayLeft();
      });
    }

    if (countTokens) {
      it("counts the tokens of a request", async () => {
        await using chain = await startChain(kind, []);
        const few = await countTokens(chain, scenarios.QUESTION);
        const many = await countTokens(chain, { ...scenarios.QUESTION, prompt: "word ".repeat(1000) });
        expect(few).toBeGreaterThan(5);
        expect(many).toBeGreaterThan(few + 900);
      });
    }
  });
}

interface Talk {
  readonly replies: readonly Reply[];
  readonly upstream: Chain["upstream"];
  readonly log: Chain["log"];
}

function calls(
  reply: Reply | undefined,
): readonly { readonly id: string; readonly name: string; readonly input: unknown }[] {
  return reply?.kind === "message" ? reply.calls : [];
}

interface ChatResult {
  readonly role: string;
  readonly tool_call_id: string;
  readonly content: string;
}

interface MessagesResult {
  readonly tool_use_id: string;
  readonly content: string | readonly { readonly text: string }[];
}

/** The tool results at the end of a request, all of which the client sent in one message. */
function resultsOf(
  request: Chain["upstream"][number] | undefined,
  kind: ChainKind,
): readonly { readonly id: string; readonly text: string }[] {
  const messages = request?.body.messages ?? [];
  if (kind === "chat") {
    return (messages as readonly ChatResult[])
      .filter(({ role }) => role === "tool")
      .map(({ tool_call_id: id, content: text }) => ({ id, text }));
  }
  const { content } = messages.at(-1) as { content: readonly MessagesResult[] };
  return content.map(({ tool_use_id: id, content: result }) => ({
    id,
    text: typeof result === "string" ? result : result.map(({ text }) => text).join(""),
  }));
}
