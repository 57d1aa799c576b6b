import { SseDecoder, type SseEvent } from "./sse-decoder.ts";

/** The events of a body of bytes, each as soon as it is whole. Ends when the body ends; what the body throws passes through. */
export async function* decodeSse(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseEvent, void, undefined> {
  const decoder = new SseDecoder();
  const utf8 = new TextDecoder();
  for await (const bytes of body) yield* decoder.push(utf8.decode(bytes, { stream: true }));
  yield* decoder.push(utf8.decode());
  const last = decoder.end();
  if (last) yield last;
}
