// A model server that costs next to nothing: Chat Completions and the Messages API, whole and streamed, always the same answer.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chatStream, chatWhole, messageStream, messageWhole } from "./support/answers.ts";

const answers = {
  chat: { stream: Buffer.from(chatStream()), whole: Buffer.from(chatWhole()) },
  messages: { stream: Buffer.from(messageStream()), whole: Buffer.from(messageWhole()) },
};

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const answer = request.url?.includes("chat") ? answers.chat : answers.messages;
    const stream = Buffer.concat(pieces).includes('"stream":true');
    if (stream) {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.end(answer.stream);
    } else {
      response.writeHead(200, { "content-type": "application/json", "content-length": answer.whole.length });
      response.end(answer.whole);
    }
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
