import type { IncomingMessage } from "node:http";
import { clientLeft } from "../streaming/sse-body.ts";

export interface IncomingRequestOptions {
  /** Made when a route asks for the signal; many never do. */
  readonly signal: () => AbortSignal;
}

/**
 * The `Request` of a message that came over a socket. A standard one costs more processor time than the rest of a small
 * request together, so this one gives what routes ask for directly, and builds a standard one only for the rest.
 */
export function incomingRequest(incoming: IncomingMessage, options: IncomingRequestOptions): Request {
  // It answers to the whole interface; what is not written out below is defined in a loop, which types cannot follow.
  return new IncomingRequest(incoming, options) as unknown as Request;
}

const HOST = /^[\w.\-:[\]]+$/;

class IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly #incoming: IncomingMessage;
  readonly #options: IncomingRequestOptions;
  #headers: Headers | null = null;
  #body: ReadableStream<Uint8Array> | null = null;
  #standard: Request | null = null;

  constructor(incoming: IncomingMessage, options: IncomingRequestOptions) {
    const { method = "GET", url = "/" } = incoming;
    const { host = "localhost" } = incoming.headers;
    this.method = method;
    this.url = url.startsWith("/") ? `http://${HOST.test(host) ? host : "localhost"}${url}` : url;
    this.#incoming = incoming;
    this.#options = options;
  }

  get headers(): Headers {
    if (this.#headers) return this.#headers;
    const { rawHeaders } = this.#incoming;
    const headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2) {
      headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
    }
    this.#headers = headers;
    return headers;
  }

  get signal(): AbortSignal {
    return this.#options.signal();
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.method === "GET" || this.method === "HEAD") return null;
    this.#body ??= bodyOf(this.#incoming);
    return this.#body;
  }

  /** For bodies whose length the client has declared: without a web stream in between. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#body || this.#standard) return await this.standard.arrayBuffer();
    this.#body = NO_BODY;
    return await readWhole(this.#incoming);
  }

  /** The same request as the platform's own class. */
  get standard(): Request {
    const { url, method, headers, signal, body } = this;
    this.#standard ??= new Request(url, { method, headers, signal, body, duplex: "half" });
    return this.#standard;
  }

  static {
    Object.setPrototypeOf(IncomingRequest.prototype, Request.prototype);
    const own = new Set(Object.getOwnPropertyNames(IncomingRequest.prototype));
    const inherited = Object.entries(Object.getOwnPropertyDescriptors(Request.prototype));
    for (const [name, { value, get }] of inherited) {
      if (own.has(name) || name === "method" || name === "url") continue;
      const property: PropertyDescriptor & ThisType<IncomingRequest> = get
        ? {
            get() {
              return Reflect.get(this.standard, name);
            },
          }
        : {
            value(...args: unknown[]) {
              return Reflect.apply(value, this.standard, args);
            },
          };
      Object.defineProperty(IncomingRequest.prototype, name, { ...property, configurable: true });
    }
  }
}

/** Stands for a body that has been read. */
const NO_BODY: ReadableStream<Uint8Array> = new ReadableStream({ start: (stream) => stream.close() });

function readWhole(incoming: IncomingMessage): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    // An error with its stack costs more than reading a small body, so it is made only where it is needed.
    const left = (): void => {
      if (!incoming.readableEnded) reject(clientLeft());
    };
    if (incoming.destroyed) left();
    const pieces: Buffer[] = [];
    incoming.on("data", (bytes: Buffer) => pieces.push(bytes));
    incoming.once("end", () => resolve(joined(pieces)));
    incoming.once("close", left);
    incoming.on("error", () => {});
  });
}

function joined(pieces: readonly Buffer[]): ArrayBuffer {
  const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.byteLength;
  }
  return bytes.buffer;
}

/** Read as fast as it is asked for: what nobody reads stays in the socket. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream(
    {
      start(stream) {
        incoming.on("data", (bytes: Buffer) => {
          if (!open) return;
          stream.enqueue(bytes);
          if ((stream.desiredSize ?? 0) <= 0) incoming.pause();
        });
        incoming.once("end", () => {
          if (open) stream.close();
          open = false;
        });
        incoming.once("close", () => {
          if (open) stream.error(clientLeft());
          open = false;
        });
        // Told by `close` as well; without a listener it would end the process.
        incoming.on("error", () => {});
      },
      pull() {
        incoming.resume();
      },
      cancel() {
        open = false;
      },
    },
    { highWaterMark: 64 * 1024, size: (bytes) => bytes?.byteLength ?? 0 },
  );
}
