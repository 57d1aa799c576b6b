// A model server that streams numbered pieces at an even pace: arguments are the pace in ms and the number of pieces.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [paceMs = 100, count = 600] = process.argv.slice(2).map(Number);

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  let sent = 0;
  const send = (json: object): void => void response.write(`data: ${JSON.stringify(json)}\n\n`);
  const chunk = (delta: object, finish: string | null = null): object => ({
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const timer = setInterval(() => {
    if (sent < count) {
      // Its number and the time at which it leaves.
      send(chunk({ content: `${sent++}:${process.hrtime.bigint()};` }));
      return;
    }
    clearInterval(timer);
    send(chunk({}, "stop"));
    response.end("data: [DONE]\n\n");
  }, paceMs);
  response.on("close", () => clearInterval(timer));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
