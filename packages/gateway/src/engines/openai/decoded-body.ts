import { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { UpstreamBody, UpstreamResponse } from "../upstream/request-upstream.ts";

/** An answer's bytes, unpacked where an endpoint packs them although nobody asked it to. */
export function decodedBody({ headers, body }: UpstreamResponse): AsyncIterable<Uint8Array> {
  const unpack = UNPACKERS.get(headers.get("content-encoding")?.toLowerCase() ?? "");
  return unpack ? unpackedBody(body, unpack()) : body;
}

type Unpacker = ReturnType<typeof createGunzip>;

async function* unpackedBody(body: UpstreamBody, unpacked: Unpacker): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(body);
  packed.on("error", (error) => unpacked.destroy(error));
  try {
    for await (const bytes of packed.pipe(unpacked)) yield bytes as Buffer;
  } finally {
    packed.destroy();
  }
}

const UNPACKERS: ReadonlyMap<string, () => Unpacker> = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);
