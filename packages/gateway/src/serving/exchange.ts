import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { handOver } from "../streaming/client-controller.ts";
import { clientLeft } from "../streaming/sse-body.ts";
import { incomingRequest } from "./incoming-request.ts";
import { writeResponse } from "./write-response.ts";

export interface ExchangeOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly writeStallMs: number;
  /** How long a client that has closed its sending side is taken to be still there, before anything can be sent to it. */
  readonly halfClosedMs: number;
}

/**
 * Nothing to any reader of events. Sent to a socket that nobody reads any more, it brings a reset. Node does not look out
 * for one after the other side has closed; only the next thing that is sent finds it, so there is more than one probe.
 */
const PROBE = Buffer.from(":\n\n");

/** Before the next probe, in milliseconds: how long the reset takes is up to the network. */
const PROBE_DELAYS: readonly number[] = [50, 200, 800, 3200];

/**
 * How long, and how much, a client that already has its answer may go on sending its request. Without this it would be
 * cut off in the middle of sending, and might never read the answer (a 413, say).
 */
const LINGER_MS = 5_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** One request and its response on a socket. */
export class Exchange {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #options: ExchangeOptions;
  #controller: AbortController | null = null;
  #aborted: { readonly reason: Error } | null = null;
  #probeWanted = false;
  #probesSent = 0;
  #isStream = false;
  #betweenEvents = true;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, options: ExchangeOptions) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#options = options;
  }

  /** Resolves when the response has been handed to the socket, or the client has left. Does not fail. */
  async run(): Promise<void> {
    const { fetch, writeStallMs } = this.#options;
    const { socket } = this.#incoming;
    const halfClosed = (): void => this.#onHalfClosed(socket);
    const closed = (): void => {
      socket.off("end", halfClosed);
      if (!this.#outgoing.writableFinished) this.cut(clientLeft());
    };
    this.#outgoing.once("close", closed);
    socket.on("end", halfClosed);
    try {
      const request = incomingRequest(this.#incoming, { signal: () => this.#signal() });
      const response = await fetch(request);
      await writeResponse(response, this.#outgoing, {
        writeStallMs,
        onStream: () => {
          this.#isStream = true;
          this.#sendProbe();
        },
        onPiece: (bytes) => this.#onPiece(bytes),
      });
      if (!this.#incoming.complete) linger(this.#incoming);
    } catch {
      // The application answers its own failures; what comes here has no answer.
      if (this.#outgoing.headersSent) this.#outgoing.destroy();
      else this.#outgoing.writeHead(500).end();
    }
  }

  /** Aborts the request's signal, for this reason. */
  cut(reason: Error): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(this.#aborted.reason);
  }

  /** Ends the connection when the response is over. */
  closeAfter(): void {
    if (!this.#outgoing.headersSent) this.#outgoing.shouldKeepAlive = false;
  }

  #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return handOver(this.#controller);
  }

  /**
   * The client will send no more. It may still read, as HTTP allows, or it may be gone, which looks the same until
   * something is sent to it. So an event stream gets a comment, and whatever has not begun must begin soon.
   */
  #onHalfClosed(socket: Socket): void {
    this.#probeWanted = true;
    this.#sendProbe();
    if (this.#outgoing.headersSent) return;
    const timer = setTimeout(() => {
      if (!this.#outgoing.headersSent) socket.destroy();
    }, this.#options.halfClosedMs);
    this.#outgoing.once("close", () => clearTimeout(timer));
  }

  #onPiece(bytes: Uint8Array): void {
    const end = bytes.byteLength;
    this.#betweenEvents = bytes[end - 1] === LINE_FEED && bytes[end - 2] === LINE_FEED;
    this.#sendProbe();
  }

  #sendProbe(): void {
    if (!this.#probeWanted || !this.#isStream || !this.#betweenEvents) return;
    this.#probeWanted = false;
    if (this.#outgoing.writableEnded) return;
    this.#outgoing.write(PROBE);
    const delay = PROBE_DELAYS[this.#probesSent++];
    if (delay === undefined) return;
    const timer = setTimeout(() => {
      this.#probeWanted = true;
      this.#sendProbe();
    }, delay);
    this.#outgoing.once("close", () => clearTimeout(timer));
  }
}

const LINE_FEED = 0x0a;

function linger(incoming: IncomingMessage): void {
  const { socket } = incoming;
  let bytes = 0;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  incoming.on("data", (piece: Buffer) => {
    bytes += piece.byteLength;
    if (bytes > LINGER_BYTES) socket.destroy();
  });
  incoming.once("close", () => clearTimeout(timer));
  incoming.once("end", () => clearTimeout(timer));
  incoming.on("error", () => {});
  incoming.resume();
}
