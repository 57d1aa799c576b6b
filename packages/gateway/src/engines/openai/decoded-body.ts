import { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { UpstreamResponse } from "../upstream/request-upstream.ts";

/** An answer's bytes, unpacked where an endpoint packs them although nobody asked it to. */
export async function* decodedBody(response: UpstreamResponse): AsyncGenerator<Uint8Array> {
  const unpack = UNPACKERS.get(response.headers.get("content-encoding")?.toLowerCase() ?? "");
  if (!unpack) {
    yield* response.body();
    return;
  }
  const packed = Readable.from(response.body());
  const unpacked = unpack();
  packed.on("error", (error) => unpacked.destroy(error));
  try {
    for await (const bytes of packed.pipe(unpacked)) yield bytes as Buffer;
  } finally {
    packed.destroy();
  }
}

const UNPACKERS: ReadonlyMap<string, () => ReturnType<typeof createGunzip>> = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);
