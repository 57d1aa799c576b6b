import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { GatewayError } from "../gateway-error.ts";
import { Exchange, type ExchangeOptions } from "./exchange.ts";
import { badRequest, rawError } from "./raw-error.ts";

/** How long requests that are cut off may take to say so to their clients. */
const FAREWELL_MS = 1_000;

/** Who is connected to a server, what they are being answered, and how that ends. */
export class Connections {
  readonly #server: Server;
  /** By connection: what is being answered there. */
  readonly #exchanges = new Map<Duplex, Set<Exchange>>();
  #draining = false;
  /** Each waits for the last open exchange to end; several may, when a server is closed again for less. */
  readonly #onIdle = new Set<() => void>();

  constructor(server: Server, options: ExchangeOptions) {
    this.#server = server;
    // A client may close its sending side and still read; the exchange decides what to make of that.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on("connection", (socket) => {
      this.#exchanges.set(socket, new Set());
      socket.once("close", () => this.#exchanges.delete(socket));
    });
    server.on("request", (incoming, outgoing) => {
      if (this.#draining) refuse(outgoing);
      else void this.#answer(incoming, outgoing, options);
    });
    server.on("clientError", refuseUnreadable);
  }

  /** Requests that are being answered. */
  get openExchanges(): number {
    return [...this.#exchanges.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Takes no more connections and requests, gives those that are being answered `drainMs` to end, and then cuts them
   * off: streams with an `error` event, whole answers with 503.
   */
  async close(drainMs: number): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [socket, exchanges] of this.#exchanges) {
      if (exchanges.size === 0) socket.destroy();
      for (const exchange of exchanges) exchange.closeAfter();
    }
    if (!(await this.#idleWithin(drainMs))) {
      for (const exchange of [...this.#exchanges.values()].flatMap((set) => [...set]))
        exchange.cut(shuttingDown());
      await this.#idleWithin(FAREWELL_MS);
    }
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    options: ExchangeOptions,
  ): Promise<void> {
    const { socket } = incoming;
    const exchange = new Exchange(incoming, outgoing, options);
    const exchanges = this.#exchanges.get(socket);
    exchanges?.add(exchange);
    // The response counts as open until its last byte has left for the client's machine.
    outgoing.once("close", () => {
      exchanges?.delete(exchange);
      if (!this.#draining || exchanges?.size) return;
      socket.destroySoon();
      if (this.openExchanges === 0) for (const settle of this.#onIdle) settle();
    });
    await exchange.run();
  }

  #idleWithin(ms: number): Promise<boolean> {
    if (this.openExchanges === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (idle: boolean): void => {
        clearTimeout(timer);
        this.#onIdle.delete(onIdle);
        resolve(idle);
      };
      const onIdle = (): void => settle(true);
      const timer = setTimeout(() => settle(false), ms);
      this.#onIdle.add(onIdle);
    });
  }
}

function shuttingDown(): GatewayError {
  return new GatewayError("This server is shutting down", {
    code: "shutting_down",
    status: 503,
    type: "api_error",
    mend: "Try again in a moment.",
  });
}

function refuse(outgoing: ServerResponse): void {
  const { message, mend } = shuttingDown();
  const { headers, body } = rawError({ type: "api_error", message: `${message}. ${mend}` });
  outgoing.writeHead(503, { ...headers, "retry-after": "1" }).end(body);
}

/** Says what is wrong to a client whose bytes are no request, where it has not been answered already. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Node keeps the response that is being written there.
  const { _httpMessage: outgoing } = socket as { readonly _httpMessage?: ServerResponse | null };
  if (error.code === "ECONNRESET" || !socket.writable || outgoing?.headersSent) {
    socket.destroy();
    return;
  }
  const problem = badRequest(error.code);
  const { headers, body } = rawError(problem);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join("")}\r\n`;
  socket.end(`${head}${body}`, () => socket.destroy());
}
