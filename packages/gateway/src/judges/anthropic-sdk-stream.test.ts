import type Anthropic from "@anthropic-ai/sdk";
import { APIUserAbortError } from "@anthropic-ai/sdk";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import type { MessageStream } from "@anthropic-ai/sdk/lib/MessageStream";
import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { anthropicSdk, createParams } from "./anthropic-sdk-judge.ts";
import { startChain } from "./chain.ts";
import { CUT_CALL, PARALLEL, QUESTION, THINKING, TWO_STEPS, WRITE_FILE } from "./scenarios.ts";

/** What `messages.stream` tells its listeners, in order, with the snapshots that it keeps. */
function listen(stream: MessageStream): unknown[][] {
  const told: unknown[][] = [];
  stream
    .on("connect", () => told.push(["connect"]))
    .on("thinking", (_, snapshot) => told.push(["thinking", snapshot]))
    .on("signature", (signature) => told.push(["signature", signature.length > 0]))
    .on("text", (_, snapshot) => told.push(["text", snapshot]))
    .on("inputJson", (_, snapshot) => told.push(["inputJson", snapshot]))
    .on("contentBlock", ({ type }) => told.push(["contentBlock", type]))
    .on("message", ({ stop_reason: reason }) => told.push(["message", reason]))
    .on("finalMessage", ({ stop_reason: reason }) => told.push(["finalMessage", reason]))
    .on("error", (error) => told.push(["error", error.message]))
    .on("abort", () => told.push(["abort"]))
    .on("end", () => told.push(["end"]));
  return told;
}

/** Without what repeats the line before it with a longer snapshot: how deltas are joined depends on time. */
function lastOfEach(told: readonly unknown[][]): readonly unknown[][] {
  return told.filter(([name], index) => told[index + 1]?.[0] !== name || name === "contentBlock");
}

describe.each(["chat", "relay"] as const)("the streaming helper, over the engine for %s", (kind) => {
  it("tells its listeners about thinking, text and a call in the order in which they were written", async () => {
    verifies("stream.order", "stream.one-signature");
    const { conversation } = THINKING;
    await using chain = await startChain(kind, [
      {
        thinking: "Let me think.",
        text: "I look.",
        toolCalls: [{ name: "get_weather", input: { city: "Paris" } }],
      },
    ]);
    const stream = anthropicSdk(chain).messages.stream(createParams(chain, conversation));
    const told = listen(stream);
    await stream.done();
    expect(lastOfEach(told)).toEqual([
      ["connect"],
      ["thinking", "Let me think."],
      ["signature", true],
      ["contentBlock", "thinking"],
      ["text", "I look."],
      ["contentBlock", "text"],
      ["inputJson", { city: "Paris" }],
      ["contentBlock", "tool_use"],
      ["message", "tool_use"],
      ["finalMessage", "tool_use"],
      ["end"],
    ]);
  });

  it("keeps the conversation, the request id and the workspace", async () => {
    verifies("client.stream-request-id");
    await using chain = await startChain(kind, TWO_STEPS.answers);
    const stream = anthropicSdk(chain).messages.stream(createParams(chain, QUESTION));
    const { data, response, request_id: requestId } = await stream.withResponse();
    const message = await data.finalMessage();
    expect(requestId).toMatch(/^req_/);
    expect(response.headers.get("request-id")).toBe(requestId);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(stream.workspace_id).toBe("wrkspc_judges");
    expect(stream.messages).toMatchObject([
      { role: "user", content: QUESTION.prompt },
      { role: "assistant", content: message.content },
    ]);
    expect(await stream.finalText()).toBe("Let me look.");
  });

  it("yields well-formed events in the API's order to whoever iterates", async () => {
    verifies("stream.index-without-gaps", "stream.blocks-never-interleave", "tool-stream.no-arguments");
    await using chain = await startChain(kind, PARALLEL.answers);
    const events = await anthropicSdk(chain).messages.create({
      ...createParams(chain, QUESTION),
      stream: true,
    });
    const seen: Anthropic.RawMessageStreamEvent[] = [];
    for await (const event of events) seen.push(event);
    const names = seen
      .filter(({ type }) => type !== "content_block_delta")
      .map((event) => ("index" in event ? `${event.type} ${event.index}` : event.type));
    expect(names).toEqual([
      "message_start",
      "content_block_start 0",
      "content_block_stop 0",
      "content_block_start 1",
      "content_block_stop 1",
      "message_delta",
      "message_stop",
    ]);
    const written = seen.flatMap((event) =>
      event.type === "content_block_delta" && event.delta.type === "input_json_delta" && event.index === 1
        ? event.delta.partial_json
        : [],
    );
    expect(written.join("")).toBe("{}");
  });

  it("parses an answer whose schema reaches the model", async () => {
    await using chain = await startChain(kind, [{ text: '{"city":"Paris"}' }]);
    const schema = {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    } as const;
    const { parsed_output: parsed } = await anthropicSdk(chain).messages.parse({
      ...createParams(chain, { prompt: "Which city?" }),
      output_config: { format: jsonSchemaOutputFormat(schema) },
    });
    expect(parsed).toEqual({ city: "Paris" });
    expect(chain.upstream[0]?.body).toMatchObject(
      kind === "chat"
        ? { response_format: { type: "json_schema", json_schema: { strict: true, schema } } }
        : { output_config: { format: { type: "json_schema", schema } } },
    );
  });

  it("stops with an abort when its user aborts, and so does the model", async () => {
    verifies("connection.disconnect-cancels");
    await using chain = await startChain(kind, [{ says: { text: "A long story" }, breaksOff: "silence" }]);
    const controller = new AbortController();
    const stream = anthropicSdk(chain).messages.stream(createParams(chain, QUESTION), {
      signal: controller.signal,
    });
    const told = listen(stream);
    stream.on("text", () => controller.abort());
    await expect(stream.done()).rejects.toThrow(APIUserAbortError);
    expect(told.map(([name]) => name).slice(-2)).toEqual(["abort", "end"]);
    await chain.gatewayLeft();
  });

  it("gives an error listener the failure in mid-stream once, and no final message", async () => {
    verifies("stream.error-event");
    await using chain = await startChain(kind, [{ says: { text: "Partial" }, breaksOff: "overloaded" }]);
    const stream = anthropicSdk(chain, { maxRetries: 2 }).messages.stream(createParams(chain, QUESTION));
    const told = listen(stream);
    await expect(stream.finalMessage()).rejects.toMatchObject({
      status: undefined,
      type: "overloaded_error",
      requestID: expect.stringMatching(/^req_/),
    });
    expect(lastOfEach(told).map(([name]) => name)).toEqual(["connect", "text", "error", "end"]);
    expect(chain.upstream).toHaveLength(1);
  });
});

it("a quarter of a megabyte of arguments stays cheap for a client that reads them at every delta", async () => {
  verifies("tool-stream.coalescing");
  const body = 'line with "quotes" and a \\ in it\n'.repeat(8192);
  await using chain = await startChain("chat", [
    { toolCalls: [{ name: "write_file", input: { path: "a.txt", body } }] },
  ]);
  const params = createParams(chain, { prompt: "Write.", tools: [WRITE_FILE], maxTokens: 100_000 });
  const eager = {
    ...params,
    tools: params.tools?.map((tool) => ({ ...tool, eager_input_streaming: true })) ?? [],
  };
  let deltas = 0;
  const stream = anthropicSdk(chain)
    .messages.stream(eager)
    .on("inputJson", () => {
      deltas++;
    });
  expect((await stream.finalMessage()).content).toMatchObject([{ input: { path: "a.txt", body } }]);
  // The endpoint wrote 36,000 pieces; the client re-reads everything at each delta.
  expect(deltas).toBeGreaterThan(10);
  expect(deltas).toBeLessThan(400);
});

describe("arguments that are cut by max_tokens", () => {
  const beta = { "anthropic-beta": "fine-grained-tool-streaming-2025-05-14" };

  async function written(eager: boolean | undefined, headers: Record<string, string> = {}): Promise<string> {
    await using chain = await startChain("chat", CUT_CALL.answers);
    const { result: _, ...definition } = WRITE_FILE;
    const tool = {
      ...definition,
      ...(eager === undefined ? {} : { eager_input_streaming: eager }),
    };
    const pieces: string[] = [];
    const message = await anthropicSdk(chain)
      .messages.stream({ ...createParams(chain, CUT_CALL.conversation), tools: [tool] }, { headers })
      .on("inputJson", (piece) => pieces.push(piece))
      .finalMessage();
    expect(message).toMatchObject({ stop_reason: "max_tokens", content: [{ input: { path: "poem.txt" } }] });
    return pieces.join("");
  }

  it("end with the last whole member, unless the tool asks for more", async () => {
    verifies("tool-stream.buffered", "tool-stream.cut-in-clients");
    expect(await written(undefined)).toBe('{"path": "poem.txt"');
    expect(await written(false, beta)).toBe('{"path": "poem.txt"');
  });

  it("come as far as they were written, when the tool or the beta header says so", async () => {
    verifies("tool-stream.eager", "tool-stream.eager-beta", "tool-stream.cut");
    const all = '{"path": "poem.txt", "body": "Beneath the vast and star-strewn';
    expect(await written(true)).toBe(all);
    expect(await written(undefined, beta)).toBe(all);
  });
});
