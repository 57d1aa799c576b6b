import type { ServerResponse } from "node:http";

export interface WriteResponseOptions {
  /** How long a client may read nothing while something waits for it. */
  readonly writeStallMs: number;
  /** Called when the head of an event stream has been sent. */
  readonly onStream: () => void;
  /** Called with each piece of an event stream, once it has been handed to the socket. */
  readonly onPiece: (bytes: Uint8Array) => void;
}

/**
 * Sends a response over a socket, pulling its body as fast as the client reads. Resolves when everything has been
 * handed over or the client has left; then the body has been cancelled. A body that fails cuts the connection, which
 * is how HTTP says so once the head has left.
 */
export async function writeResponse(
  response: Response,
  outgoing: ServerResponse,
  { writeStallMs, onStream, onPiece }: WriteResponseOptions,
): Promise<void> {
  const { status, headers, body } = response;
  if (!body || outgoing.req.method === "HEAD") {
    outgoing.writeHead(status, flat(headers)).end();
    await body?.cancel();
    return;
  }
  const reader = body.getReader();
  // Ends the reading below wherever it stands.
  const leave = (): void => void reader.cancel().catch(() => {});
  if (outgoing.destroyed) return leave();
  outgoing.once("close", leave);
  try {
    const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    if (isStream) {
      outgoing.writeHead(status, flat(headers));
      // With the first events, if those are there already: it saves a packet.
      const flushing = setImmediate(() => outgoing.flushHeaders());
      outgoing.once("close", () => clearImmediate(flushing));
      onStream();
    } else if (await sendSmall(reader, { outgoing, status, headers, writeStallMs })) return;
    for (;;) {
      const { done, value } = await reader.read();
      if (outgoing.destroyed) return;
      if (done) break;
      const hasRoom = outgoing.write(value);
      if (isStream) onPiece(value);
      if (!hasRoom) await drained(outgoing, writeStallMs);
    }
    finish(outgoing, writeStallMs);
  } catch {
    outgoing.destroy();
  } finally {
    outgoing.off("close", leave);
    if (outgoing.destroyed) leave();
  }
}

interface SendSmallOptions extends Pick<WriteResponseOptions, "writeStallMs"> {
  readonly outgoing: ServerResponse;
  readonly status: number;
  readonly headers: Headers;
}

/** Sends a body of one piece with its length. Of a longer one it sends the beginning and answers false. */
async function sendSmall(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { outgoing, status, headers, writeStallMs }: SendSmallOptions,
): Promise<boolean> {
  const first = await reader.read();
  const second = first.done ? first : await reader.read();
  if (outgoing.destroyed) return true;
  const head = flat(headers);
  if (second.done) {
    const bytes = first.value ?? new Uint8Array();
    if (!headers.has("content-length")) head.push("content-length", String(bytes.byteLength));
    outgoing.writeHead(status, head);
    outgoing.write(bytes);
    finish(outgoing, writeStallMs);
    return true;
  }
  outgoing.writeHead(status, head);
  outgoing.write(first.value);
  if (!outgoing.write(second.value)) await drained(outgoing, writeStallMs);
  return false;
}

/** What is left to send is the socket's business, but not for ever. */
function finish(outgoing: ServerResponse, writeStallMs: number): void {
  outgoing.end();
  // Node destroys a socket whose time-out nobody handles, and sets the one for idle connections when all is sent.
  if (!outgoing.writableFinished) outgoing.socket?.setTimeout(writeStallMs);
}

/** Resolves when the client has read what waited; destroys the connection when it reads nothing for too long. */
function drained(outgoing: ServerResponse, writeStallMs: number): Promise<void> {
  return new Promise((resolve) => {
    const { socket } = outgoing;
    const settle = (): void => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      socket?.setTimeout(0);
      resolve();
    };
    // Progress within a large write counts, too. Node destroys a socket whose time-out nobody handles.
    socket?.setTimeout(writeStallMs);
    outgoing.on("drain", settle);
    outgoing.on("close", settle);
  });
}

function flat(headers: Headers): string[] {
  const list: string[] = [];
  for (const [name, value] of headers) list.push(name, value);
  return list;
}
