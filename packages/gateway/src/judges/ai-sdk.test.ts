import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { aiModel, aiSdkJudge, callOptions } from "./ai-sdk-judge.ts";
import { startChain } from "./chain.ts";
import { describeJudge } from "./describe-judge.ts";
import { CUT_CALL, QUESTION, TWO_STEPS } from "./scenarios.ts";

describeJudge("@ai-sdk/anthropic, streaming", aiSdkJudge({ streams: true }));
describeJudge("@ai-sdk/anthropic without streaming", aiSdkJudge({ streams: false }));

it.each(["", "/v1"] as const)("the AI SDK may be given the base URL with %j at its end", async (root) => {
  verifies("routes.without-prefix");
  await using chain = await startChain("chat", TWO_STEPS.answers);
  const { content, finishReason, response } = await aiModel(chain, { root }).doGenerate(
    callOptions(QUESTION),
  );
  expect(finishReason).toEqual({ unified: "tool-calls", raw: "tool_use" });
  expect(content.map(({ type }) => type)).toEqual(["text", "tool-call"]);
  expect(response?.headers?.["request-id"]).toMatch(/^req_/);
});

it("the AI SDK asks for eager arguments of every tool, and gets the cut call as far as it was written", async () => {
  await using chain = await startChain("chat", CUT_CALL.answers);
  const [reply] = await aiSdkJudge({ streams: true }).converse(chain, CUT_CALL.conversation);
  expect(reply).toMatchObject({
    calls: [{ input: '{"path": "poem.txt", "body": "Beneath the vast and star-strewn' }],
    stopReason: "max_tokens",
  });
  await using relay = await startChain("relay", CUT_CALL.answers);
  await aiSdkJudge({ streams: true }).converse(relay, CUT_CALL.conversation);
  expect(relay.upstream[0]?.body.tools).toMatchObject([{ eager_input_streaming: true }]);
});

it("the AI SDK's core would ask again after 529, and not after 400", async () => {
  await using chain = await startChain("chat", [
    { refuses: 529, message: "Overloaded", retryAfter: 3 },
    { refuses: 400, message: "Not today" },
  ]);
  const ask = (): PromiseLike<unknown> => aiModel(chain).doStream(callOptions(QUESTION));
  await expect(ask()).rejects.toMatchObject({
    statusCode: 529,
    isRetryable: true,
    responseHeaders: { "retry-after": "3" },
  });
  await expect(ask()).rejects.toMatchObject({ statusCode: 400, isRetryable: false });
});
