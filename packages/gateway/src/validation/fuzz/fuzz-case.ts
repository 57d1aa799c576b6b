import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import {
  foldMessage,
  type Message,
  type MessageStreamEvent,
  type MessagesRequest,
  SseDecoder,
} from "@ml-intern/messages";
import { type ScriptedEngine, scriptedEngine } from "@ml-intern/testkit";
import { createGateway } from "../../create-gateway.ts";
import { estimateTokens } from "../../engines/estimate-tokens.ts";
import { chatRequest } from "../../engines/openai/chat-request.ts";
import { GatewayError } from "../../gateway-error.ts";
import { secondOpinion } from "./second-opinion.ts";

/** One request, as bytes. */
export interface FuzzCase {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is held to be true of any request's answer, over a gateway whose engine always answers. */
export interface FuzzTarget {
  /** Sends a case. Returns what is wrong with the answer, or null. */
  check(fuzzCase: FuzzCase): Promise<string | null>;
  /** Requests by the status of their answer. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** Of processor time, so that a busy machine is not taken for a slow validator. */
const MAX_MS = 1_000;

export function fuzzTarget(): FuzzTarget {
  const statuses = new Map<number, number>();
  let engine = scriptedEngine(() => ({ text: "ok" }));
  let gateway = createGateway({ engines: { scripted: engine } });

  /** The engine remembers every request, which a long run has no room for. */
  function renew(): void {
    if (engine.requests.length < 1_000) return;
    engine = scriptedEngine(() => ({ text: "ok" }));
    gateway = createGateway({ engines: { scripted: engine } });
  }

  async function check(fuzzCase: FuzzCase): Promise<string | null> {
    renew();
    const { body, headers } = fuzzCase;
    const asked = engine.requests.length;
    const started = process.cpuUsage();
    const response = await gateway.request("/v1/messages", { method: "POST", body, headers });
    const answer = await response.text();
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1_000;
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (took > MAX_MS) return `took ${Math.round(took)} ms`;
    if (response.status === 200) return acceptedWrongly(fuzzCase, { response, answer, engine });
    if (engine.requests.length > asked) return "was refused after the engine was asked";
    return refusedWrongly(fuzzCase, { response, answer });
  }

  return { check, statuses };
}

function acceptedWrongly(
  fuzzCase: FuzzCase,
  { response, answer, engine }: { response: Response; answer: string; engine: ScriptedEngine },
): string | null {
  const value = parsed(fuzzCase);
  if (value === NOT_JSON) return "was accepted and is no JSON";
  if (!secondOpinion(value, versionOf(fuzzCase))) return "was accepted and breaks a rule";
  const received = engine.requests.at(-1);
  const { model: _, ...sent } = withoutNulls(value as object);
  const { model: _name, ...arrived } = { ...received };
  if (!isDeepStrictEqual(arrived, sent)) return "reached the engine changed";
  const trouble = received && translationTrouble(received);
  if (trouble) return trouble;
  const isStream = (value as { stream?: unknown }).stream === true;
  const type = response.headers.get("content-type");
  if (type !== (isStream ? "text/event-stream; charset=utf-8" : "application/json")) {
    return `was answered as ${type}`;
  }
  const { content } = isStream ? folded(answer) : (JSON.parse(answer) as Message);
  return isDeepStrictEqual(content, [{ type: "text", text: "ok" }])
    ? null
    : "was answered with something else";
}

function refusedWrongly(
  fuzzCase: FuzzCase,
  { response, answer }: { response: Response; answer: string },
): string | null {
  const { status } = response;
  const { type, error, request_id: id } = JSON.parse(answer);
  const types: Record<number, string> = { 400: "invalid_request_error", 404: "not_found_error" };
  if (type !== "error" || error?.type !== types[status]) return `was refused with ${status} ${error?.type}`;
  if (id !== response.headers.get("request-id")) return "was refused with another request id";
  if (typeof error.message !== "string" || error.message.length > 5_000)
    return "was refused without fit words";
  if (/\bundefined\b|\[object Object\]/.test(error.message)) return `was refused with: ${error.message}`;
  const value = parsed(fuzzCase);
  const isJson = value !== NOT_JSON;
  if (/not valid JSON|nested deeper/.test(error.message)) {
    return isJson && !/half a surrogate|nested deeper/.test(error.message)
      ? "is JSON and was called none"
      : null;
  }
  if (!isJson) return `is no JSON and was refused with: ${error.message}`;
  if (status === 404 && !error.message.startsWith("model: ")) return `was not found: ${error.message}`;
  if (status === 404)
    return secondOpinion(value, versionOf(fuzzCase)) ? null : "breaks a rule and was not found";
  const isExample = /input_examples\.\d+: Input example|cannot be combined with the beta/.test(error.message);
  const isKept = !isExample && secondOpinion(value, versionOf(fuzzCase));
  return isKept ? `keeps the rules and was refused with: ${error.message}` : null;
}

/** An engine may refuse what it cannot say, but nothing that was accepted may break it. */
function translationTrouble(request: MessagesRequest): string | null {
  try {
    estimateTokens(request);
    const chat = chatRequest(request, { replayThinking: true });
    return /undefined/.test(JSON.stringify(chat)) && !/undefined/.test(JSON.stringify(request))
      ? "was translated to something that says undefined"
      : null;
  } catch (error) {
    return error instanceof GatewayError ? null : `was accepted and broke an engine: ${String(error)}`;
  }
}

const NOT_JSON: unique symbol = Symbol("not JSON");

function parsed({ body, headers }: FuzzCase): unknown {
  try {
    const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return NOT_JSON;
  }
}

function folded(stream: string): Message {
  return foldMessage(new SseDecoder().push(stream).map(({ data }) => JSON.parse(data) as MessageStreamEvent));
}

function versionOf({ headers }: FuzzCase): string | null {
  return headers["anthropic-version"] ?? null;
}

function withoutNulls(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
