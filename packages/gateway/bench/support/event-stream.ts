import { connect } from "node:net";
import { SseDecoder } from "@ml-intern/messages";

export interface EventStreamOptions {
  readonly port: number;
  /** The request as it stands on the wire. */
  readonly request: Buffer;
  /** An event's data and when its last byte arrived, in nanoseconds of the clock that all processes here share. */
  readonly onEvent: (data: string, at: bigint) => void;
}

/** Reads one streamed answer on a connection of its own. Fails when the connection ends before the answer does. */
export function readEventStream({ port, request, onEvent }: EventStreamOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const body = new ChunkedBody();
    const events = new SseDecoder();
    const utf8 = new TextDecoder();
    let head = "";
    socket.on("connect", () => socket.write(request));
    socket.on("data", (bytes: Buffer) => {
      const at = process.hrtime.bigint();
      let rest = bytes;
      if (!head.includes("\r\n\r\n")) {
        const before = head.length;
        head += bytes.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!head.startsWith("HTTP/1.1 200")) return void socket.destroy(new Error(head));
        rest = bytes.subarray(end + 4 - before);
      }
      for (const piece of body.push(rest)) {
        for (const { data } of events.push(utf8.decode(piece, { stream: true }))) onEvent(data, at);
      }
      if (!body.ended) return;
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("The connection ended before the answer")));
  });
}

/** Takes chunked transfer coding apart, wherever its bytes are cut. */
class ChunkedBody {
  #left = 0;
  #line = "";
  #afterChunk = false;
  ended = false;

  *push(bytes: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < bytes.length && !this.ended) {
      if (this.#left > 0) {
        const piece = bytes.subarray(at, at + this.#left);
        this.#left -= piece.length;
        this.#afterChunk = this.#left === 0;
        at += piece.length;
        yield piece;
        continue;
      }
      const end = bytes.indexOf(LINE_FEED, at);
      this.#line += bytes.toString("latin1", at, end < 0 ? bytes.length : end);
      if (end < 0) return;
      at = end + 1;
      const line = this.#line.trim();
      this.#line = "";
      if (line === "" && this.#afterChunk) {
        this.#afterChunk = false;
        continue;
      }
      this.#left = Number.parseInt(line, 16);
      this.ended = this.#left === 0;
    }
  }
}

const LINE_FEED = 0x0a;
