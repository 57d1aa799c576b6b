import type { Hono } from "hono";
import { HubError } from "./hub-error.ts";

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

/** Listens, and resolves when the first request can be sent. A port in use throws HubError `hub/port_taken`. */
export function serveHub(_options: ServeHubOptions): Promise<HubServer> {
  throw new HubError("hub/cannot_listen", "not yet", { mend: "wait" });
}
