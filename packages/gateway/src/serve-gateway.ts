import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Gateway } from "./create-gateway.ts";
import { Connections } from "./serving/connections.ts";

export interface ServeGatewayOptions {
  readonly app: Pick<Gateway, "fetch">;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Connections beyond this many are closed at once; default: no limit. */
  readonly maxConnections?: number;
  readonly timeouts?: ServingTimeouts;
}

/** How long clients may take, in milliseconds. */
export interface ServingTimeouts {
  /** From the connection, or the end of the last request's answer, to the end of a request's headers; default 30 s. */
  readonly headersMs?: number;
  /** To the end of a request's body, however fast it trickles; default 300 s. */
  readonly requestMs?: number;
  /** An idle connection is kept; default 75 s. */
  readonly keepAliveMs?: number;
  /** To read anything at all of what waits for it; default 120 s. */
  readonly writeStallMs?: number;
  /** From closing its sending side to when its answer has to begin; default 500 ms. */
  readonly halfClosedMs?: number;
}

export interface CloseOptions {
  /** How long answers that have begun may take to end; default 0. After that they are cut off. */
  readonly drainMs?: number;
}

export interface ServedGateway extends AsyncDisposable {
  /** Base URL for `ANTHROPIC_BASE_URL`, without `/v1`. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops listening, closes idle connections, and lets open answers end for `drainMs`. Those that have not ended by then
   * are cut off: streams with an `error` event, whole answers with 503. May be called again, to drain for less.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Why nothing listens. */
export class ListenError extends Error {
  readonly code: "port_in_use" | "not_allowed" | "listen_failed";
  readonly mend: string;

  constructor(
    code: ListenError["code"],
    message: string,
    { mend, cause }: { mend: string; cause?: unknown },
  ) {
    super(message, { cause });
    this.name = "ListenError";
    this.code = code;
    this.mend = mend;
  }
}

/** Listens with any app that has a `fetch`, and resolves when it accepts connections. Throws {@link ListenError}. */
export async function serveGateway({
  app,
  port = 0,
  host = "127.0.0.1",
  maxConnections,
  timeouts = {},
}: ServeGatewayOptions): Promise<ServedGateway> {
  const { headersMs = 30_000, requestMs = 300_000, keepAliveMs = 75_000 } = timeouts;
  const { writeStallMs = 120_000, halfClosedMs = 500 } = timeouts;
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: Math.max(headersMs, requestMs),
    keepAliveTimeout: keepAliveMs,
    // How often Node looks at the first two.
    connectionsCheckingInterval: Math.min(headersMs, 5_000),
    noDelay: true,
  });
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  const connections = new Connections(server, {
    fetch: (request) => app.fetch(request),
    writeStallMs,
    halfClosedMs,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port })));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const close = ({ drainMs = 0 }: CloseOptions = {}): Promise<void> => connections.close(drainMs);
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${bound}`, port: bound, close, [Symbol.asyncDispose]: () => close() };
}

function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): ListenError {
  const place = `${host} port ${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new ListenError("port_in_use", `Another program already listens on ${place}`, {
        mend: "Stop it, or choose another port (0 takes any free one).",
        cause: error,
      });
    case "EACCES":
      return new ListenError("not_allowed", `This user may not listen on ${place}`, {
        mend: "Choose a port above 1023.",
        cause: error,
      });
    default:
      return new ListenError("listen_failed", `Cannot listen on ${place}: ${error.message}`, {
        mend: "Check the host name and the port.",
        cause: error,
      });
  }
}
