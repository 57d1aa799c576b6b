import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGateway } from "@ml-intern/gateway";
import { expect, test } from "vitest";
import { openTracing } from "./open-tracing.ts";

const SETTINGS = { endpoint: null, headers: {}, ratio: null };
test("without an endpoint, or where OpenTelemetry is switched off, nothing is traced", async () => {
  const options = { settings: SETTINGS, version: "1", onFailure: () => {} };
  expect(await openTracing({ ...options, env: {} })).toBeNull();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_SDK_DISABLED: "true" };
  expect(await openTracing({ ...options, env })).toBeNull();
});

test("a receiver that takes no spans is named once, and nothing else fails", async () => {
  const receiver = createServer((_, response) => response.writeHead(400).end());
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const failures: string[] = [];
  const tracing = await openTracing({
    settings: { ...SETTINGS, endpoint },
    env: {},
    version: "1",
    onFailure: (message) => failures.push(message),
  });
  if (!tracing) throw new Error("it should be open");
  const gateway = createGateway({ engines: {}, tracer: tracing.tracer });
  expect((await gateway.request("/v1/models")).status).toBe(200);
  await tracing[Symbol.asyncDispose]();
  expect(failures).toEqual([expect.stringContaining(`${endpoint}/v1/traces`)]);
  receiver.closeAllConnections();
  receiver.close();
});
