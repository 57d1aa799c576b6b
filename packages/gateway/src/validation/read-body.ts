import { decodeContent } from "./decode-content.ts";
import { parseBody } from "./parse-body.ts";
import { readBytes } from "./read-bytes.ts";

export interface ReadBodyOptions {
  /** Of the body as it is sent, and again of what it is when it has been decompressed. */
  readonly maxBytes: number;
}

export interface BodyAsSent {
  /** The body's bytes, decompressed where the client had compressed them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The JSON value that the bytes hold. */
  readonly value: unknown;
}

/**
 * The JSON value of a request's body, whatever its content type says. Throws a `GatewayError` when it is too large, in
 * an encoding that is not known, not UTF-8, not JSON, or nested too deep.
 */
export async function readBody(request: Request, options: ReadBodyOptions): Promise<unknown> {
  return (await readBodyAsSent(request, options)).value;
}

/** {@link readBody}, with the bytes that hold the value. */
export async function readBodyAsSent(request: Request, { maxBytes }: ReadBodyOptions): Promise<BodyAsSent> {
  const sent = await readBytes(request, { maxBytes });
  const encoding = request.headers.get("content-encoding");
  const bytes = encoding === null ? sent : await decodeContent(sent, { encoding, maxBytes });
  return { bytes, value: parseBody(bytes) };
}
