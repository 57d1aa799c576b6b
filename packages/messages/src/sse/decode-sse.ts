import { SseDecoder, type SseDecoderOptions, type SseEvent } from "./sse-decoder.ts";

/**
 * The events of a body of bytes, each as soon as it is whole. Ends when the body ends; what the body throws passes
 * through, and an event that is too long is an `SseError`.
 */
export async function* decodeSse(
  body: AsyncIterable<Uint8Array>,
  options: SseDecoderOptions = {},
): AsyncGenerator<SseEvent, void, undefined> {
  const decoder = new SseDecoder(options);
  // The mark of byte order is the decoder's to take away: two would be one too many.
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const bytes of body) yield* decoder.push(utf8.decode(bytes, { stream: true }));
  yield* decoder.push(utf8.decode());
  const last = decoder.end();
  if (last) yield last;
}
