import type { IncomingMessage, ServerResponse } from "node:http";
import {
  encodeSse,
  foldMessage,
  type Message,
  type MessageStreamEvent,
  type MessagesRequest,
} from "@ml-intern/messages";
import { turnEvents } from "../engine/turn-events.ts";
import {
  type JsonAnswer,
  type LoopbackServer,
  readText,
  sendJson,
  startLoopbackServer,
} from "../loopback-server.ts";
import { nextAnswer, type Script, type ScriptedTurn } from "../scripted-turn.ts";

/** What the server does with one request for a message. */
export type MessagesAnswer =
  | ScriptedTurn
  /** Literal events; then the answer ends, the connection breaks, or nothing more comes. */
  | { readonly events: readonly WireEvent[]; readonly ending?: "end" | "cut" | "stall" }
  | JsonAnswer
  /** Closes the connection without an answer, or takes the request and never answers. */
  | { readonly failure: "refuse" | "slow" };

/** Any event that may stand on the wire, such as `error` or one that nobody knows yet. */
export interface WireEvent extends Readonly<Record<string, unknown>> {
  readonly type: string;
}

export interface RecordedMessagesRequest {
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** The body as it came. */
  readonly text: string;
  readonly body: MessagesRequest;
}

export interface ScriptedMessagesServerOptions {
  /** When given, requests that show another key get 401. */
  readonly apiKey?: string;
  /** What `GET /v1/models` lists; default one model named `scripted`. */
  readonly models?: readonly string[];
}

export interface ScriptedMessagesServer extends LoopbackServer {
  /** Requests for messages; counts and lists are not among them. */
  readonly requests: readonly RecordedMessagesRequest[];
}

/**
 * A server on loopback that speaks the Messages API from a script: whole and streamed messages, token counts (one for
 * four characters of the body) and the list of models.
 */
export async function startScriptedMessagesServer(
  script: Script<MessagesRequest, MessagesAnswer>,
  { apiKey, models = ["scripted"] }: ScriptedMessagesServerOptions = {},
): Promise<ScriptedMessagesServer> {
  const requests: RecordedMessagesRequest[] = [];
  let answered = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("request-id", `req_upstream_${++answered}`);
    const text = await readText(request);
    const [path] = (request.url ?? "").split("?");
    if (apiKey !== undefined && request.headers["x-api-key"] !== apiKey) {
      sendJson(response, apiError(401, "authentication_error", "invalid x-api-key"));
    } else if (path === "/v1/models") {
      const data = models.map((id) => ({ type: "model", id, display_name: id, created_at: UNKNOWN_DATE }));
      sendJson(response, { status: 200, json: { data, has_more: false } });
    } else if (path === "/v1/messages/count_tokens") {
      sendJson(response, { status: 200, json: { input_tokens: Math.ceil(text.length / 4) } });
    } else if (path === "/v1/messages") {
      const body = JSON.parse(text) as MessagesRequest;
      const index = requests.push({ path: request.url ?? "", headers: request.headers, text, body }) - 1;
      perform(nextAnswer(script, body, index), { body, index, response });
    } else {
      sendJson(response, apiError(404, "not_found_error", "Not found"));
    }
  }

  const server = await startLoopbackServer(answer, (error, response) =>
    sendJson(response, apiError(500, "api_error", String(error))),
  );
  return { ...server, requests };
}

const UNKNOWN_DATE = "1970-01-01T00:00:00Z";

interface PerformOptions {
  readonly body: MessagesRequest;
  readonly index: number;
  readonly response: ServerResponse;
}

function perform(answer: MessagesAnswer, { body, index, response }: PerformOptions): void {
  if ("status" in answer) {
    sendJson(response, answer);
  } else if ("failure" in answer) {
    if (answer.failure === "refuse") response.socket?.destroy();
  } else if (body.stream !== true && !("events" in answer)) {
    const message: Message = foldMessage(turnEvents(answer, { id: `msg_${index + 1}`, model: body.model }));
    sendJson(response, { status: 200, json: message });
  } else {
    const { events, ending = "end" } =
      "events" in answer
        ? answer
        : { events: [...turnEvents(answer, { id: `msg_${index + 1}`, model: body.model })] };
    stream(response, events, ending);
  }
}

function stream(
  response: ServerResponse,
  events: readonly (WireEvent | MessageStreamEvent)[],
  ending: "end" | "cut" | "stall",
): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
  for (const event of events) response.write(encodeSse(event));
  if (ending === "end") response.end();
  // The events must have left before the connection breaks, or the client sees only the break.
  if (ending === "cut") response.write(": cut\n\n", () => response.socket?.destroy());
}

function apiError(status: number, type: string, message: string): JsonAnswer {
  return { status, json: { type: "error", error: { type, message } } };
}
