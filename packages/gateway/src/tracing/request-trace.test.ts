import { scriptedEngine, turnEvents } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway } from "../create-gateway.ts";
import type { GenerateOptions } from "../engines/engine.ts";
import { GatewayError } from "../gateway-error.ts";
import { type RecordedSpan, recordingTracer } from "./testing/recording-tracer.ts";

const CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const QUESTION = { model: "scripted/m", max_tokens: 9, messages: [{ role: "user", content: "swordfish" }] };
const CUT = new GatewayError("The endpoint broke off", {
  code: "endpoint_cut",
  status: 502,
  type: "api_error",
});

/** The spans of these requests, and the headers that the engine was asked with. */
async function traced(
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ readonly spans: readonly RecordedSpan[]; readonly seen: readonly Headers[] }> {
  const { tracer, spans } = recordingTracer();
  const seen: Headers[] = [];
  const scripted = scriptedEngine([{ text: "swordfish" }]);
  const engine = {
    ...scripted,
    generate(request: Parameters<typeof scripted.generate>[0], options: GenerateOptions) {
      seen.push(options.headers);
      if (request.model === "cut") {
        return scriptedEngine([{ after: [...turnEvents({})].slice(0, 1), fails: CUT }]).generate(
          request,
          options,
        );
      }
      return scripted.generate(request, options);
    },
  };
  const gateway = createGateway({ engines: { scripted: engine }, tracer });
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  await (await gateway.request("/v1/messages", init)).text();
  return { spans, seen };
}

it("writes a request's span as part of the caller's trace, with the engine's part below it", async () => {
  const { spans, seen } = await traced({ ...QUESTION, stream: true }, { traceparent: CALLER });
  const [server, validate, engine] = spans;
  expect(server).toMatchObject({
    name: "POST /v1/messages",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    parentId: "b7ad6b7169203331",
    failed: false,
    attributes: { "http.response.status_code": 200, "gen_ai.request.model": "scripted/m" },
  });
  expect(validate).toMatchObject({ name: "validate", parentId: server?.spanId });
  expect(engine).toMatchObject({
    name: "chat m",
    parentId: server?.spanId,
    events: ["first event"],
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "scripted",
      "gen_ai.response.model": "m",
      "gen_ai.response.finish_reasons": ["end_turn"],
      "gen_ai.usage.input_tokens": 10,
      "gen_ai.usage.output_tokens": 5,
    },
  });
  for (const span of spans) expect(span.end).toBeGreaterThanOrEqual(Number(span.start));
  expect(seen[0]?.get("traceparent")).toBe(`00-${server?.traceId}-${server?.spanId}-01`);
});

it("begins a trace of its own where the caller has none, or one that makes no sense", async () => {
  for (const traceparent of ["", "00-0-0-0", CALLER.replace("b7ad6b7169203331", "0000000000000000")]) {
    const { spans } = await traced(QUESTION, { traceparent });
    expect(spans[0]).toMatchObject({ parentId: null });
  }
});

it("says that a stream broke off, though its status was 200", async () => {
  const { spans } = await traced({ ...QUESTION, model: "scripted/cut", stream: true });
  expect(spans[0]).toMatchObject({ failed: true, attributes: { "error.type": "endpoint_cut" } });
});

it("does not call a request that breaks the rules a failure, and asks no engine for it", async () => {
  const { spans } = await traced({ ...QUESTION, max_tokens: "many" });
  expect(spans.map(({ name }) => name)).toEqual(["POST /v1/messages", "validate"]);
  expect(spans[0]).toMatchObject({
    failed: false,
    attributes: { "http.response.status_code": 400, "error.type": "invalid_request" },
  });
});

it("tells nothing that a person wrote", async () => {
  const { spans } = await traced({ ...QUESTION, stream: true });
  expect(JSON.stringify(spans)).not.toContain("swordfish");
});

it("names a span by the route, not by what a client wrote, and leaves probes out", async () => {
  const { tracer, spans } = recordingTracer();
  const gateway = createGateway({ engines: {}, tracer });
  await gateway.request("/v1/models/some/model");
  await gateway.request("/made/up");
  await gateway.request("/healthz");
  const names = spans.map(({ name, attributes }) => [name, attributes["url.path"]]);
  expect(names.filter(([name]) => name !== "validate")).toEqual([
    ["GET /v1/models", "/v1/models/some/model"],
    ["GET other", "/made/up"],
  ]);
});
