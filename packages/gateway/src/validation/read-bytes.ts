import { GatewayError } from "../gateway-error.ts";

/** The bytes of a request's body. Throws `request_too_large` as soon as that is certain, and reads no further. */
export async function readBytes(
  request: Request,
  { maxBytes }: { readonly maxBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  // The server holds the client to the length that it declared, so there is no need to watch it grow.
  if (declared >= 0) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(`Request exceeds the maximum size of ${maxBytes} bytes`, {
    code: "request_too_large",
    status: 413,
    type: "request_too_large",
  });
}
