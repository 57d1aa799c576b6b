import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Gateway } from "./create-gateway.ts";

export interface ServeGatewayOptions {
  readonly app: Pick<Gateway, "fetch">;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

export interface ServedGateway extends AsyncDisposable {
  /** Base URL for `ANTHROPIC_BASE_URL`, without `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends open connections. May be called twice. */
  close(): Promise<void>;
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
}: ServeGatewayOptions): Promise<ServedGateway> {
  const server = createAdaptorServer({
    fetch: (request) => app.fetch(request),
    overrideGlobalObjects: false,
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port })));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${bound}`, port: bound, close, [Symbol.asyncDispose]: close };
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
