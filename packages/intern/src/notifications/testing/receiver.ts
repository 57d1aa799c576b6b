import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves when so many requests have come. */
  count(requests: number): Promise<void>;
}

/** What a webhook points to. `answer` says how the nth request (from 0) is answered; by default with 200. */
export async function startReceiver(
  answer: (response: ServerResponse, index: number) => void = (response) => void response.end("ok"),
): Promise<Receiver> {
  const received: Received[] = [];
  let heard = (): void => undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, text: Buffer.concat(chunks).toString("utf8") });
    heard();
    answer(response, received.length - 1);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/of-the-team`,
    received,
    async count(requests) {
      while (received.length < requests) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
