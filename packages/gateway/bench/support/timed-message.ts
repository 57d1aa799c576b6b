import { type Message, type MessageStreamEvent, SseDecoder, type Usage } from "@ml-intern/messages";

export interface TimedMessage {
  /** From sending the request to the first text, or to the end where there is none, in ms. */
  readonly firstMs: number;
  readonly totalMs: number;
  readonly usage: Usage;
}

export interface MessageBody extends Readonly<Record<string, unknown>> {
  readonly max_tokens: number;
}

/** Sends a request to a Messages server, and reads the answer to its end; streamed, unless no answer is asked for. */
export async function timedMessage(url: string, request: MessageBody): Promise<TimedMessage> {
  const body = JSON.stringify({ ...request, stream: request.max_tokens > 0 });
  const began = performance.now();
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body,
  });
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  const { usage, firstAt } =
    request.max_tokens > 0
      ? await streamed(response.body)
      : { ...((await response.json()) as Message), firstAt: null };
  const ended = performance.now();
  return { firstMs: (firstAt ?? ended) - began, totalMs: ended - began, usage };
}

async function streamed(body: ReadableStream<Uint8Array>): Promise<{ usage: Usage; firstAt: number | null }> {
  const events = new SseDecoder();
  const utf8 = new TextDecoder();
  let firstAt: number | null = null;
  let usage: Usage | null = null;
  for await (const bytes of body) {
    for (const { data } of events.push(utf8.decode(bytes, { stream: true }))) {
      const event = JSON.parse(data) as MessageStreamEvent;
      if (event.type === "error") throw new Error(event.error.message);
      if (event.type === "message_start") usage = event.message.usage;
      if (event.type === "message_delta" && usage) {
        usage = { ...usage, output_tokens: event.usage.output_tokens };
      }
      if (event.type === "content_block_delta") firstAt ??= performance.now();
    }
  }
  if (!usage) throw new Error("The answer has no beginning");
  return { usage, firstAt };
}

/** Words of so many characters, the same for the same seed. */
export function words(characters: number, seed: number): string {
  let state = seed;
  let text = "";
  while (text.length < characters) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += `${(state >>> 8).toString(36)} `;
  }
  return text.slice(0, characters);
}
