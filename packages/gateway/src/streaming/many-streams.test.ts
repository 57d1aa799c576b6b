import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { decodeSse } from "@ml-intern/messages";
import { openAiChunk } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { createGateway } from "../create-gateway.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { serveGateway } from "../serve-gateway.ts";

const STREAMS = 100;
const PIECES = 30;
const PACE_MS = 100;

/** A model server that streams numbers at an even pace. */
async function pacedServer(): Promise<Server> {
  const server = createServer(async (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let number = 0; number < PIECES; number++) {
      response.write(`data: ${JSON.stringify(openAiChunk({ content: `${number};` }))}\n\n`);
      await delay(PACE_MS);
    }
    response.end(`data: ${JSON.stringify(openAiChunk({}, "stop"))}\n\ndata: [DONE]\n\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

it("loses, doubles and reorders nothing in a hundred streams at once", async () => {
  const upstream = await pacedServer();
  const { port } = upstream.address() as AddressInfo;
  const engine = createOpenAiEngine({ baseUrl: `http://127.0.0.1:${port}/v1` });
  await using served = await serveGateway({ app: createGateway({ engines: { openai: engine } }) });

  async function oneStream(): Promise<{ text: string; types: readonly string[] }> {
    const response = await fetch(`${served.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "openai/m",
        max_tokens: 1000,
        stream: true,
        messages: [{ role: "user", content: "count" }],
      }),
    });
    let text = "";
    const types: string[] = [];
    if (!response.body) throw new Error("no body");
    for await (const { event, data } of decodeSse(response.body)) {
      if (event === "content_block_delta") text += JSON.parse(data).delta.text;
      else types.push(event ?? "");
    }
    return { text, types };
  }

  const expected = {
    text: Array.from({ length: PIECES }, (_, number) => `${number};`).join(""),
    types: [
      "message_start",
      "content_block_start",
      "ping",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ],
  };
  const answers = await Promise.all(Array.from({ length: STREAMS }, oneStream));
  for (const answer of answers) expect(answer).toEqual(expected);
  upstream.close();
  upstream.closeAllConnections();
});
