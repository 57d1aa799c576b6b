import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { errorResponse } from "./http/error-response.ts";
import { HubError } from "./hub-error.ts";
import { Refusal } from "./refusal.ts";
import { failedWith } from "./storage/durable-file.ts";

export interface HubServer {
  /** Base URL without a slash at its end, such as `http://127.0.0.1:4811`: the `hubUrl` or `HF_ENDPOINT` of a client. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends open connections; may be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ServeHubOptions {
  readonly app: Hono;
  /** 0 takes any free port. Default 0. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

const loopback = ["127.0.0.1", "localhost", "[::1]", "::1"];

/**
 * Listens, and resolves when the first request can be sent. A port in use throws HubError `hub/port_taken`.
 * On loopback it answers only requests that are addressed to loopback, so that a web page cannot reach it by a name of
 * its own that points here.
 */
export async function serveHub({ app, port = 0, host = "127.0.0.1" }: ServeHubOptions): Promise<HubServer> {
  const local = loopback.includes(host);
  const server = createAdaptorServer({
    overrideGlobalObjects: false,
    fetch: (request, env) =>
      local && !loopback.includes(new URL(request.url).hostname)
        ? errorResponse(new Refusal("forbidden", `This hub answers on ${host} only`))
        : app.fetch(request, env),
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch((cause: unknown) => {
    throw listenError(cause, { port, host });
  });

  const address = server.address();
  const actualPort = typeof address === "object" && address ? address.port : port;
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
    return closing;
  };
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return { url: `http://${name}:${actualPort}`, port: actualPort, close, [Symbol.asyncDispose]: close };
}

function listenError(cause: unknown, { port, host }: { port: number; host: string }): HubError {
  if (failedWith(cause, "EADDRINUSE")) {
    return new HubError("hub/port_taken", `Port ${port} on ${host} is taken by another program`, {
      mend: "stop that program, or choose another port (0 takes any free one)",
      cause,
    });
  }
  return new HubError("hub/cannot_listen", `Cannot listen on ${host}, port ${port}: ${String(cause)}`, {
    mend: "choose a port above 1023 and an address of this machine",
    cause,
  });
}
