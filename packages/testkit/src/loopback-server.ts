import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** Resolves when a client has left before its answer was finished; at once when one has already. */
  clientLeft(): Promise<void>;
  /** Ends open connections. May be called twice. */
  close(): Promise<void>;
}

export type LoopbackHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Listens on any free port of loopback. `onError` answers when the handler throws. */
export async function startLoopbackServer(
  handler: LoopbackHandler,
  onError: (error: unknown, response: ServerResponse) => void,
): Promise<LoopbackServer> {
  let leave = (): void => {};
  const departure = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) leave();
    });
    handler(request, response).catch((error: unknown) => onError(error, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientLeft: () => departure,
    close,
    [Symbol.asyncDispose]: close,
  };
}

export interface JsonAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendJson(response: ServerResponse, { status, json, headers }: JsonAnswer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(json));
}

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
