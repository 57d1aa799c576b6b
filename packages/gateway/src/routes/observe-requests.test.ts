import type { MessageStreamEvent } from "@ml-intern/messages";
import { type ScriptedAnswer, scriptedEngine, turnEvents } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway, type GatewayLogEntry } from "../create-gateway.ts";
import { GatewayError } from "../gateway-error.ts";

const SECRET = "My password is swordfish";
const QUESTION = { model: "scripted/m", max_tokens: 9, messages: [{ role: "user", content: SECRET }] };
const START: readonly MessageStreamEvent[] = [...turnEvents({})].slice(0, 1);

/** What the log holds after these requests. */
async function logOf(
  script: readonly ScriptedAnswer[],
  ...bodies: readonly unknown[]
): Promise<GatewayLogEntry[]> {
  const lines: GatewayLogEntry[] = [];
  const gateway = createGateway({
    engines: { scripted: scriptedEngine(script) },
    log: (line) => lines.push(line),
    now: () => 0,
    newId: (prefix) => `${prefix}_x`,
  });
  for (const body of bodies) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    await (await gateway.request("/v1/messages", { method: "POST", body: text })).text();
  }
  return lines;
}

it("writes one line when the last byte of a stream has left", async () => {
  const lines: GatewayLogEntry[] = [];
  const gateway = createGateway({
    engines: { scripted: scriptedEngine([{ text: "ok" }]) },
    log: (line) => lines.push(line),
    now: () => 0,
    newId: (prefix) => `${prefix}_x`,
  });
  const body = JSON.stringify({ ...QUESTION, stream: true });
  const response = await gateway.request("/v1/messages", { method: "POST", body });
  expect(lines).toEqual([]);
  await response.text();
  expect(lines).toEqual([
    {
      request_id: "req_x",
      method: "POST",
      path: "/v1/messages",
      status: 200,
      duration_ms: 0,
      workspace: "default",
      model: "scripted/m",
      engine: "scripted",
      upstream_model: "m",
      stream: true,
      first_event_ms: 0,
      input_tokens: 10,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_creation_1h_input_tokens: 0,
      output_tokens: 5,
      service_tier: "standard",
      stop_reason: "end_turn",
    },
  ]);
});

it("says of a failure its type and code, and in words what cannot quote anybody", async () => {
  const down = new GatewayError("The endpoint http://x cannot be reached: nothing listens there", {
    code: "endpoint_unreachable",
    status: 503,
    type: "api_error",
  });
  const [line] = await logOf([{ fails: down }], QUESTION);
  expect(line).toMatchObject({
    status: 503,
    error_type: "api_error",
    error_code: "endpoint_unreachable",
    error: "The endpoint http://x cannot be reached: nothing listens there",
  });
});

it("keeps what a person wrote out of every line, also when the failure quotes it", async () => {
  const refused = new GatewayError(`The endpoint said: cannot read "${SECRET}"`, {
    code: "endpoint_refused_request",
    status: 400,
    type: "invalid_request_error",
  });
  let bug: unknown;
  try {
    JSON.parse(SECRET);
  } catch (error) {
    bug = error;
  }
  expect(String(bug)).toContain("My passwor");
  const lines = await logOf(
    [{ fails: refused }, { fails: bug }, { after: START, fails: refused }],
    QUESTION,
    QUESTION,
    { ...QUESTION, stream: true },
    `${SECRET}{`,
    { ...QUESTION, tool_choice: { type: SECRET } },
    { ...QUESTION, messages: [{ role: SECRET, content: SECRET }] },
  );
  expect(lines.map(({ status, error_code }) => [status, error_code])).toEqual([
    [400, "endpoint_refused_request"],
    [500, "internal"],
    [200, "endpoint_refused_request"],
    [400, "invalid_request"],
    [400, "invalid_request"],
    [400, "invalid_request"],
  ]);
  expect(lines[1]?.error).toMatch(/^SyntaxError at .*observe-requests\.test\.ts/);
  for (const line of lines) expect(JSON.stringify(line)).not.toMatch(/password|swordfish/i);
});

it("holds the requests' bodies when the log is to hold what people wrote", async () => {
  const lines: GatewayLogEntry[] = [];
  const gateway = createGateway({
    engines: { scripted: scriptedEngine([{ text: "ok" }]) },
    log: (line) => lines.push(line),
    logPrompts: true,
  });
  await gateway.request("/v1/messages", { method: "POST", body: JSON.stringify(QUESTION) });
  expect(lines[0]?.request).toMatchObject(QUESTION);
});

it("names the model also where nobody answers to it, as far as names go", async () => {
  const [line, long] = await logOf(
    [],
    { ...QUESTION, model: "nobody" },
    { ...QUESTION, model: "x".repeat(1e6) },
  );
  expect(long?.model).toHaveLength(256);
  expect(line).toMatchObject({ status: 404, model: "nobody", error_code: "model_not_found" });
});
