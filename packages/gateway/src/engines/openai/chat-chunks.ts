import { StringDecoder } from "node:string_decoder";
import { SseDecoder, SseError, type SseEvent } from "@ml-intern/messages";
import { cutError, nonsenseError } from "../upstream/connection-error.ts";
import type { UpstreamResponse } from "../upstream/request-upstream.ts";
import { type ChatChunk, chatChunk } from "./chat-chunk.ts";
import { decodedBody } from "./decoded-body.ts";
import { isPlainChunk } from "./is-plain-chunk.ts";
import { pieceOf } from "./join-pieces.ts";
import { problemError, readProblem } from "./problem.ts";
import { TextTemplate } from "./text-template.ts";

/**
 * The chunks of a successful answer, as many as came together. An answer that came whole instead of streamed is one
 * chunk. The response is disposed of when the last chunk has been read or the reader leaves. Throws a `GatewayError` when the endpoint reports a failure, says what is no chunk, or stops before it has
 * finished.
 */
export async function* chatChunks(
  response: UpstreamResponse,
  baseUrl: string,
): AsyncGenerator<readonly ChatChunk[]> {
  await using _ = response;
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("html")) {
    throw nonsenseError(baseUrl, {
      received: "a web page instead of a chat completion",
      mend: "Check the base URL: it usually ends in /v1.",
    });
  }
  if (type.includes("json")) {
    yield [parseChunk(await wholeText(response, baseUrl), baseUrl)];
    return;
  }
  const decoder = new EventDecoder(baseUrl);
  const template = new TextTemplate();
  let finished = false;

  /** What to pass on, and whether there is more to read. Failures come after what is passed on. */
  function* read(events: readonly SseEvent[]): Generator<readonly ChatChunk[], boolean> {
    const { chunks, outcome } = readEvents(events, { baseUrl, template });
    finished ||= chunks.some(isLast);
    if (chunks.length > 0) yield chunks;
    if (outcome === "done") response.finish();
    else if (outcome !== "more") throw outcome.error;
    return outcome === "more";
  }

  try {
    for await (const bytes of decodedBody(response)) {
      if (!(yield* read(decoder.push(bytes)))) return;
    }
    if (!(yield* read(decoder.end()))) return;
  } catch (error) {
    // What comes after the finish reason is at most a count; its loss loses nothing of the answer.
    if (finished) return;
    throw error;
  }
  if (!finished) throw cutError(baseUrl);
}

/** No whole answer of any use is longer. */
const MAX_WHOLE = 32 * 1024 * 1024;

/** Bytes to events. */
class EventDecoder {
  readonly #events = new SseDecoder();
  // Several times faster than `TextDecoder` on the small pieces of a stream.
  readonly #utf8 = new StringDecoder("utf8");
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  push(bytes: Uint8Array): readonly SseEvent[] {
    return this.#read(this.#utf8.write(bytes));
  }

  end(): readonly SseEvent[] {
    const rest = this.#read(this.#utf8.end());
    const last = this.#events.end();
    return last ? [...rest, last] : rest;
  }

  #read(text: string): readonly SseEvent[] {
    try {
      return this.#events.push(text);
    } catch (error) {
      throw error instanceof SseError ? nonsense("an event without end", this.#baseUrl) : error;
    }
  }
}

async function wholeText(response: UpstreamResponse, baseUrl: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let held = 0;
  for await (const bytes of decodedBody(response)) {
    held += bytes.byteLength;
    if (held > MAX_WHOLE) throw nonsense("an answer without end", baseUrl);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

interface ReadEvents {
  readonly chunks: readonly ChatChunk[];
  /** What came after the chunks. */
  readonly outcome: "more" | "done" | { readonly error: unknown };
}

interface ReadEventsOptions {
  readonly baseUrl: string;
  readonly template: TextTemplate;
}

function readEvents(events: readonly SseEvent[], { baseUrl, template }: ReadEventsOptions): ReadEvents {
  const chunks: ChatChunk[] = [];
  try {
    for (const { event, data } of events) {
      if (data.trim() === "[DONE]") return { chunks, outcome: "done" };
      if (event === "error") throw reportedError(parseJson(data), data, baseUrl);
      const text = template.read(data);
      const chunk = text === null ? parseChunk(data, baseUrl) : textChunk(text);
      chunks.push(chunk);
      if (text === null && pieceOf(chunk)?.call === null) template.learn(data, textOf);
    }
    return { chunks, outcome: "more" };
  } catch (error) {
    return { chunks, outcome: { error } };
  }
}

function textChunk(content: string): ChatChunk {
  return { choices: [{ delta: { content } }] };
}

function textOf(json: unknown): unknown {
  return (json as ChatChunk).choices?.[0]?.delta?.content;
}

function isLast({ choices }: ChatChunk): boolean {
  return choices?.some((choice) => Boolean(choice.finish_reason)) === true;
}

function parseChunk(data: string, baseUrl: string): ChatChunk {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    throw nonsense(`what is not JSON: ${data.slice(0, 100)}`, baseUrl);
  }
  if (isPlainChunk(json)) return json;
  const { success, data: chunk, error } = chatChunk.safeParse(json);
  if (!success) {
    const path = error.issues[0]?.path.join(".") ?? "";
    throw nonsense(`what is not a chat completion (at \`${path}\`): ${data.slice(0, 100)}`, baseUrl);
  }
  if (chunk.error) throw reportedError(chunk.error, data, baseUrl);
  if (!chunk.choices && !chunk.usage)
    throw nonsense(`what is not a chat completion: ${data.slice(0, 100)}`, baseUrl);
  return chunk;
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // Its words are reported as they are.
    return null;
  }
}

function reportedError(error: unknown, data: string, baseUrl: string): Error {
  const code = (error as { code?: unknown } | null)?.code;
  const status = typeof code === "number" && code >= 400 && code < 600 ? code : 500;
  return problemError(readProblem(data), { status, headers: new Headers(), baseUrl });
}

function nonsense(received: string, baseUrl: string): Error {
  return nonsenseError(baseUrl, { received, mend: "Check that it speaks OpenAI's Chat Completions." });
}
