import { Refusal } from "../refusal.ts";

/**
 * The lines of a request body as parsed JSON, one at a time, so that a commit of many files needs the memory of one.
 * A line longer than `longest` bytes is refused.
 */
export async function* readJsonLines(
  body: ReadableStream<Uint8Array> | null,
  { longest }: { longest: number },
): AsyncGenerator<unknown> {
  if (!body) return;
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      pieces.push(chunk.subarray(start, end));
      const line = Buffer.concat(pieces).toString("utf8");
      pieces = [];
      length = 0;
      start = end + 1;
      if (line.trim() !== "") yield parse(line);
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    if (length > longest) {
      throw new Refusal(
        "too_large",
        `A line of the request is longer than ${longest} bytes: upload large files by LFS`,
      );
    }
    pieces.push(rest);
  }
  const line = Buffer.concat(pieces).toString("utf8");
  if (line.trim() !== "") yield parse(line);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Refusal("invalid", "The request has a line that is not JSON");
  }
}
