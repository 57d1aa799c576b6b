import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type JsonAnswer,
  type LoopbackServer,
  readText,
  sendJson,
  startLoopbackServer,
} from "../loopback-server.ts";
import { nextAnswer, type Script, type ScriptedTurn } from "../scripted-turn.ts";
import { type OpenAiChunk, turnChunks } from "./turn-chunks.ts";

const DONE = "data: [DONE]\n\n";

/** What the server does with one chat completion request. */
export type OpenAiAnswer =
  | ScriptedTurn
  /** Literal chunks. `done: false` ends the stream without `[DONE]`. */
  | { readonly chunks: readonly OpenAiChunk[]; readonly done?: boolean }
  /** Literal text of the event stream's body. */
  | { readonly body: string; readonly contentType?: string }
  /** Any status with any body. */
  | JsonAnswer
  | OpenAiFailure;

export type OpenAiFailure =
  /** Closes the connection without an answer. */
  | { readonly failure: "refuse" }
  /** Takes the request and never answers. */
  | { readonly failure: "slow" }
  /** Answers 200 with a web page. */
  | { readonly failure: "nonsense" }
  /** Sends these chunks, then breaks the connection. */
  | { readonly failure: "cut"; readonly chunks: readonly OpenAiChunk[] }
  /** Sends these chunks, then nothing more, with the connection open. */
  | { readonly failure: "stall"; readonly chunks: readonly OpenAiChunk[] }
  | { readonly failure: "rate_limit"; readonly retryAfter?: number };

export interface RecordedRequest {
  readonly headers: IncomingMessage["headers"];
  /** The body as the server parsed it. */
  readonly body: OpenAiRequestBody;
}

/** The parts of a chat completion request that scripts and tests look at. */
export interface OpenAiRequestBody extends Readonly<Record<string, unknown>> {
  readonly model: string;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

export interface ScriptedOpenAiServerOptions {
  /** When given, other bearer tokens get 401. */
  readonly apiKey?: string;
  /** What `GET /v1/models` lists; default one model named `scripted`. */
  readonly models?: readonly string[];
}

export interface ScriptedOpenAiServer extends Omit<LoopbackServer, "url"> {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
}

/**
 * A server on loopback that speaks streamed Chat Completions from a script, and can fail in the ways real ones do.
 * Requests are counted from 0 in the order in which they arrive.
 */
export async function startScriptedOpenAiServer(
  script: Script<OpenAiRequestBody, OpenAiAnswer>,
  { apiKey, models = ["scripted"] }: ScriptedOpenAiServerOptions = {},
): Promise<ScriptedOpenAiServer> {
  const requests: RecordedRequest[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      sendJson(response, {
        status: 401,
        json: { error: { message: "Invalid API key", code: "invalid_api_key" } },
      });
    } else if (request.url === "/v1/models") {
      const data = models.map((id) => ({ id, object: "model", created: 0, owned_by: "script" }));
      sendJson(response, { status: 200, json: { object: "list", data } });
    } else if (request.url === "/v1/chat/completions" && request.method === "POST") {
      const body = JSON.parse(await readText(request)) as OpenAiRequestBody;
      const index = requests.push({ headers: request.headers, body }) - 1;
      perform(nextAnswer(script, body, index), { body, response });
    } else {
      sendJson(response, { status: 404, json: { detail: "Not Found" } });
    }
  }

  const server = await startLoopbackServer(answer, (error, response) => {
    sendJson(response, { status: 500, json: { error: { message: String(error), type: "script_error" } } });
  });
  const { url, ...rest } = server;
  return { ...rest, baseUrl: `${url}/v1`, requests };
}

function perform(
  answer: OpenAiAnswer,
  { body, response }: { body: OpenAiRequestBody; response: ServerResponse },
): void {
  if ("failure" in answer) {
    fail(answer, response);
  } else if ("status" in answer) {
    sendJson(response, answer);
  } else if ("body" in answer) {
    response.writeHead(200, { "content-type": answer.contentType ?? "text/event-stream" });
    response.end(answer.body);
  } else if ("chunks" in answer) {
    sendChunks(response, answer.chunks);
    response.end(answer.done === false ? "" : DONE);
  } else {
    sendChunks(response, turnChunks(answer, { includeUsage: body.stream_options?.include_usage === true }));
    response.end(DONE);
  }
}

function fail(answer: OpenAiFailure, response: ServerResponse): void {
  switch (answer.failure) {
    case "refuse":
      response.socket?.destroy();
      return;
    case "slow":
      return;
    case "nonsense":
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!doctype html><title>Welcome</title><p>It works!</p>");
      return;
    case "rate_limit":
      sendJson(response, {
        status: 429,
        json: { error: { message: "Rate limit reached", type: "requests", code: "rate_limit_exceeded" } },
        headers: { "retry-after": String(answer.retryAfter ?? 1) },
      });
      return;
    case "cut":
      sendChunks(response, answer.chunks);
      // The chunks must have left before the connection breaks, or the client sees only the break.
      response.write(": cut\n\n", () => response.socket?.destroy());
      return;
    case "stall":
      sendChunks(response, answer.chunks);
      return;
    default:
      answer satisfies never;
  }
}

function sendChunks(response: ServerResponse, chunks: readonly OpenAiChunk[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}
