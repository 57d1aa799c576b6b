import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface WebService extends AsyncDisposable {
  readonly url: string;
  /** `127.0.0.1:port`, for `ownServers`. */
  readonly host: string;
  /** What was asked, oldest first. */
  readonly asked: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
  }[];
}

/** A real server on this machine that answers as a test wants. */
export async function serveWeb(
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<WebService> {
  const asked: WebService["asked"][number][] = [];
  const server = createServer((request, response) => {
    asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    void Promise.resolve(answer(request, response)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
