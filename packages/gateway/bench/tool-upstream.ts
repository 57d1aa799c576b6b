// A model server that calls two tools and then says something, with a pause after each call in which nothing else comes.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const PAUSE_MS = 200;
const PIECE_MS = 2;
const FILLER = "some text for the file ".repeat(8);

const server = createServer((request, response) => {
  request.resume();
  void answer();

  async function answer(): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    send({ role: "assistant", content: "" });
    const first = await call(0, { path: "a.txt", text: FILLER });
    const second = await call(1, { path: "b.txt", text: FILLER, earlier: String(first) });
    send({ content: `<${first}><${second}>` });
    send({}, "tool_calls");
    response.end("data: [DONE]\n\n");
  }

  /** Writes a call piece by piece, and gives the time at which its last byte was written. */
  async function call(index: number, input: object): Promise<bigint> {
    const text = JSON.stringify(input);
    send({
      tool_calls: [
        { index, id: `call_${index}`, type: "function", function: { name: "write", arguments: "" } },
      ],
    });
    for (let at = 0; at < text.length; at += 16) {
      await delay(PIECE_MS);
      send({ tool_calls: [{ index, function: { arguments: text.slice(at, at + 16) } }] });
    }
    const writtenAt = process.hrtime.bigint();
    await delay(PAUSE_MS);
    return writtenAt;
  }

  function send(delta: object, finish: string | null = null): void {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    const chunk = { id: "chatcmpl-bench", object: "chat.completion.chunk", model: "bench", choices };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }
});

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
