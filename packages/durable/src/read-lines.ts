import { createReadStream } from "node:fs";

const LINE_FEED = 0x0a;

/**
 * The finished lines of a file, without their line feeds; what follows the last line feed is left out. `start` is the
 * byte at which the first of them begins, by default the file's own beginning.
 */
export async function* readLines(
  path: string,
  { start: first = 0 }: { readonly start?: number } = {},
): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  const options = { highWaterMark: 1 << 20, start: first };
  for await (const chunk of createReadStream(path, options) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      parts.push(chunk.subarray(start, end));
      yield parts.length === 1 ? chunk.subarray(start, end) : Buffer.concat(parts);
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
}
