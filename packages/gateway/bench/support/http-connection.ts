import { connect, type Socket } from "node:net";

/** A whole answer, with times in ms since the request was written. */
export interface TimedAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/**
 * One kept-alive HTTP/1.1 connection that measures. It costs a fraction of Node's own client, so that the machine's
 * time goes to what is measured.
 */
export class HttpConnection {
  readonly #port: number;
  #socket: Socket | null = null;
  #received: Buffer = Buffer.alloc(0);
  #begun = 0;
  #firstByteMs = 0;
  #settle: { resolve: (answer: TimedAnswer) => void; reject: (error: Error) => void } | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request as it stands and resolves with its whole answer. */
  request(bytes: Buffer): Promise<TimedAnswer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#received = Buffer.alloc(0);
      this.#firstByteMs = 0;
      const socket = this.#open();
      this.#begun = performance.now();
      socket.write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.on("data", (bytes) => this.#take(bytes));
    const fail = (error?: Error): void => {
      this.#socket = null;
      this.#settle?.reject(error ?? new Error("The connection closed before the answer was whole"));
      this.#settle = null;
    };
    socket.on("error", fail);
    socket.on("close", () => fail());
    this.#socket = socket;
    return socket;
  }

  #take(bytes: Buffer): void {
    if (this.#received.length === 0) this.#firstByteMs = performance.now() - this.#begun;
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const answer = readAnswer(this.#received);
    if (!answer || !this.#settle) return;
    const { resolve } = this.#settle;
    this.#settle = null;
    if (answer.closes) this.close();
    const { status, body } = answer;
    resolve({ status, body, firstByteMs: this.#firstByteMs, totalMs: performance.now() - this.#begun });
  }
}

interface ReadAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly closes: boolean;
}

/** The answer at the start of these bytes, or null when it is not whole yet. */
export function readAnswer(bytes: Buffer): ReadAnswer | null {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const head = bytes.toString("latin1", 0, headEnd).toLowerCase();
  const rest = bytes.subarray(headEnd + 4);
  const status = Number(head.slice(9, 12));
  const closes = head.includes("\r\nconnection: close");
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) {
    return rest.length >= Number(length) ? { status, body: rest.subarray(0, Number(length)), closes } : null;
  }
  // The last chunk is empty; looking for it first keeps reading linear.
  if (!rest.subarray(-5).equals(LAST_CHUNK)) return null;
  const body = joinChunks(rest);
  return body && { status, body, closes };
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

function joinChunks(bytes: Buffer): Buffer | null {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (size === 0) return Buffer.concat(pieces);
    const start = lineEnd + 2;
    if (start + size > bytes.length) return null;
    pieces.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

/** A POST with a JSON body as bytes. */
export function postBytes(
  path: string,
  { json, headers = {} }: { readonly json: unknown; readonly headers?: Readonly<Record<string, string>> },
): Buffer {
  const body = Buffer.from(JSON.stringify(json));
  const lines = Object.entries({
    host: "127.0.0.1",
    "content-type": "application/json",
    "content-length": String(body.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}
