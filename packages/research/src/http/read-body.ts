import { WebError } from "./web-error.ts";

/** The whole body, decompressed. Throws `web/too_large` as soon as it is longer than `maxBytes`; the rest is not read. */
export async function readBody(
  response: Response,
  {
    url,
    maxBytes,
    signal,
  }: { readonly url: string; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of response.body ?? []) {
      signal.throwIfAborted();
      size += piece.byteLength;
      if (size > maxBytes) throw tooLarge(url, maxBytes);
      pieces.push(piece);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WebError) throw error;
    throw new WebError("web/unreachable", `The answer of ${url} broke off after ${size} bytes.`, {
      url,
      mend: "Try again.",
      cause: error,
    });
  }
  return Buffer.concat(pieces);
}

function tooLarge(url: string, maxBytes: number): WebError {
  const mebibytes = Math.round(maxBytes / 1024 / 1024);
  const limit = mebibytes > 0 ? `${mebibytes} MiB` : `${maxBytes} bytes`;
  return new WebError("web/too_large", `${url} is longer than ${limit}; it was not read.`, {
    url,
    mend: "Ask for a part of it, or download it as a file.",
  });
}
