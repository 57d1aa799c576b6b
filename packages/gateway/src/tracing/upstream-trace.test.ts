import { startScriptedMessagesServer, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway } from "../create-gateway.ts";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import type { Engine } from "../engines/engine.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { recordingTracer } from "./testing/recording-tracer.ts";

const CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function ask(engine: Engine): Promise<string> {
  const { tracer, spans } = recordingTracer();
  const gateway = createGateway({ engines: { e: engine }, tracer });
  const response = await gateway.request("/v1/messages", {
    method: "POST",
    headers: { traceparent: CALLER, tracestate: "vendor=1" },
    body: JSON.stringify({ model: "e/m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
  return `00-0af7651916cd43dd8448eb211c80319c-${spans[0]?.spanId}-01`;
}

it("a chat endpoint is told which trace its work belongs to", async () => {
  await using server = await startScriptedOpenAiServer([{ text: "ok" }]);
  const traceparent = await ask(createOpenAiEngine({ baseUrl: server.baseUrl }));
  expect(server.requests[0]?.headers).toMatchObject({ traceparent, tracestate: "vendor=1" });
});

it("an upstream that speaks the Messages API is told as well", async () => {
  await using server = await startScriptedMessagesServer([{ text: "ok" }]);
  const traceparent = await ask(createAnthropicEngine({ baseUrl: server.url, apiKey: "sk" }));
  expect(server.requests[0]?.headers).toMatchObject({ traceparent, tracestate: "vendor=1" });
});
