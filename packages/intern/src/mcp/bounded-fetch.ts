import { LARGEST_MESSAGE, MEBIBYTES } from "./message-size.ts";

export interface BoundedFetchOptions {
  /** `posts`: an answer is the body of what was asked. `standing`: all answers come in one stream that stays open. */
  readonly answers: "posts" | "standing";
  /**
   * Told when the body of an answer breaks off, or the standing stream ends: whoever waits for a message in it would not
   * learn it otherwise.
   */
  readonly onLost: (error: Error) => void;
}

/** A `fetch` for an MCP server. A message of more than 16 MiB breaks the connection. */
export function boundedFetch({ answers, onLost }: BoundedFetchOptions): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const isEvents = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    const isPost = init?.method === "POST";
    // Over streamable HTTP the standing stream is the server's own, and is opened anew.
    const holdsAnswers = isPost === (answers === "posts");
    const body = bounded(response.body, {
      isEvents,
      onBroken: (error) => holdsAnswers && onLost(error),
      onEnd: () => answers === "standing" && !isPost && onLost(new Error("the stream of answers has ended")),
    });
    return asResponse(body, response);
  };
}

/** With the URL, which a new response would not have and redirects are judged by. */
function asResponse(body: ReadableStream<Uint8Array>, original: Response): Response {
  const { status, statusText, headers } = original;
  const response = new Response(body, { status, statusText, headers });
  return Object.defineProperty(response, "url", { value: original.url });
}

function bounded(
  body: ReadableStream<Uint8Array>,
  { isEvents, onBroken, onEnd }: { isEvents: boolean; onBroken: (error: Error) => void; onEnd: () => void },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const count = isEvents ? openEventCounter() : byteCounter();
  let left = false;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (left) return;
        if (done) {
          controller.close();
          return onEnd();
        }
        if (count(value) > LARGEST_MESSAGE)
          throw new Error(`it sent a message of more than ${MEBIBYTES} MiB`);
        controller.enqueue(value);
      } catch (error) {
        if (left) return;
        const lost = error instanceof Error ? error : new Error(String(error));
        controller.error(lost);
        onBroken(lost);
        await reader.cancel().catch(() => undefined); // it is broken already
      }
    },
    cancel(reason) {
      left = true;
      return reader.cancel(reason);
    },
  });
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Counts the bytes since the last empty line, where an event ends. */
function openEventCounter(): (bytes: Uint8Array) => number {
  let size = 0;
  let line = 0;
  return (bytes) => {
    for (const byte of bytes) {
      size++;
      if (byte === NEWLINE) {
        if (line === 0) size = 0;
        line = 0;
      } else if (byte !== RETURN) {
        line++;
      }
    }
    return size;
  };
}

function byteCounter(): (bytes: Uint8Array) => number {
  let size = 0;
  return (bytes) => {
    size += bytes.length;
    return size;
  };
}
