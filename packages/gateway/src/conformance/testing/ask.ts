import { type Message, type MessageStreamEvent, SseDecoder } from "@ml-intern/messages";
import { type ScriptedAnswer, type ScriptedEngine, scriptedEngine } from "@ml-intern/testkit";
import { createGateway, type Gateway, type GatewayOptions } from "../../create-gateway.ts";

export const QUESTION = {
  model: "scripted/m",
  max_tokens: 100,
  messages: [{ role: "user", content: "hi" }],
} as const;

export interface ScriptedGateway {
  readonly gateway: Gateway;
  readonly engine: ScriptedEngine;
}

/** A gateway over one engine that gives the same answer to everything. */
export function scriptedGateway(
  answer: ScriptedAnswer = { text: "ok" },
  options: Partial<GatewayOptions> = {},
): ScriptedGateway {
  const engine = scriptedEngine(() => answer);
  return { engine, gateway: createGateway({ engines: { scripted: engine }, ...options }) };
}

export interface AskOptions {
  readonly headers?: Record<string, string>;
  /** Default `/v1/messages`. */
  readonly path?: string;
}

/** Posts a request; `extra` is added to a simple question. */
export async function ask(
  gateway: Gateway,
  extra: object = {},
  { headers = {}, path = "/v1/messages" }: AskOptions = {},
): Promise<Response> {
  return await gateway.request(path, {
    method: "POST",
    body: JSON.stringify({ ...QUESTION, ...extra }),
    headers,
  });
}

export async function askForMessage(gateway: Gateway, extra: object = {}): Promise<Message> {
  return (await (await ask(gateway, extra)).json()) as Message;
}

export async function askForEvents(
  gateway: Gateway,
  extra: object = {},
): Promise<readonly MessageStreamEvent[]> {
  const response = await ask(gateway, { stream: true, ...extra });
  return eventsIn(await response.text());
}

export function eventsIn(stream: string): readonly MessageStreamEvent[] {
  return new SseDecoder().push(stream).map(({ data }) => JSON.parse(data) as MessageStreamEvent);
}

/** The pieces of arguments of one call, as they were sent. */
export function argumentPieces(events: readonly MessageStreamEvent[], index: number): readonly string[] {
  return events.flatMap((event) =>
    event.type === "content_block_delta" && event.index === index && event.delta.type === "input_json_delta"
      ? event.delta.partial_json
      : [],
  );
}
