import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { GatewayError, invalidRequest } from "../gateway-error.ts";

const DECODERS: ReadonlyMap<
  string,
  (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>
> = new Map([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
]);

export interface DecodeContentOptions {
  /** What the `content-encoding` header says. */
  readonly encoding: string;
  /** Of what comes out: a small body can unpack to a very large one. */
  readonly maxBytes: number;
}

/** Undoes a body's compression: gzip, deflate or br, one of them. Throws a `GatewayError` with the API's error codes. */
export async function decodeContent(
  bytes: Uint8Array<ArrayBuffer>,
  { encoding, maxBytes }: DecodeContentOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return bytes;
  const decode = DECODERS.get(name);
  if (!decode) {
    throw invalidRequest(
      `Content-Encoding '${name.slice(0, 64)}' is not supported; use gzip, deflate, br or none`,
      {
        error_code: "request_body_encoding_unsupported",
      },
    );
  }
  try {
    return new Uint8Array(await decode(bytes, { maxOutputLength: maxBytes }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw invalidRequest(`The request body could not be decoded as ${name}`, {
      error_code: "request_body_encoding_invalid",
    });
  }
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(`Request exceeds the maximum size of ${maxBytes} bytes after decoding`, {
    code: "request_too_large",
    status: 413,
    type: "request_too_large",
    details: { error_code: "request_body_too_large_after_decoding" },
  });
}
