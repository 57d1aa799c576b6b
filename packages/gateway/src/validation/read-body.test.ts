import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { GatewayError } from "../gateway-error.ts";
import { readBody } from "./read-body.ts";

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream;

const VALUE = { text: "é".repeat(100) };
const LIMIT = 1000;

function request(body: Body, headers: Record<string, string> = {}): Request {
  return new Request("http://gateway.invalid", {
    method: "POST",
    body,
    headers,
    duplex: "half",
  } as RequestInit);
}

async function failure(body: Body, headers: Record<string, string> = {}): Promise<GatewayError> {
  const error: unknown = await readBody(request(body, headers), { maxBytes: LIMIT }).catch(
    (reason) => reason,
  );
  if (!(error instanceof GatewayError)) throw new Error(`expected a GatewayError, got ${String(error)}`);
  return error;
}

describe("a compressed body", () => {
  const plain = Buffer.from(JSON.stringify(VALUE));
  it.each<[string, Buffer]>([
    ["gzip", gzipSync(plain)],
    ["GZIP ", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["br", brotliCompressSync(plain)],
    ["identity", plain],
  ])("is read: %s", async (encoding, bytes) => {
    verifies("body.encodings");
    const read = await readBody(request(new Uint8Array(bytes), { "content-encoding": encoding }), {
      maxBytes: LIMIT,
    });
    expect(read).toEqual(VALUE);
  });

  it.each(["zstd", "compress", "gzip, br", "constructor"])(
    "in another encoding is refused: %s",
    async (encoding) => {
      verifies("body.encoding-unsupported");
      expect(await failure("{}", { "content-encoding": encoding })).toMatchObject({
        status: 400,
        type: "invalid_request_error",
        details: { error_code: "request_body_encoding_unsupported" },
      });
    },
  );

  it.each<[string, Uint8Array<ArrayBuffer>]>([
    ["gzip", new Uint8Array([1, 2, 3])],
    ["gzip", new Uint8Array(gzipSync(plain).subarray(0, 20))],
    ["deflate", new Uint8Array(plain)],
    ["br", new Uint8Array(0)],
  ])("that is not what it says is refused: %s", async (encoding, bytes) => {
    verifies("body.encoding-invalid");
    expect(await failure(bytes, { "content-encoding": encoding })).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      details: { error_code: "request_body_encoding_invalid" },
    });
  });

  it("that unpacks to too much is refused, without unpacking the rest", async () => {
    verifies("body.too-large-after-decoding");
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(200_000, 0x20)));
    expect(bomb.length).toBeLessThan(LIMIT);
    expect(await failure(bomb, { "content-encoding": "gzip" })).toMatchObject({
      status: 413,
      type: "request_too_large",
      details: { error_code: "request_body_too_large_after_decoding" },
    });
  });
});

describe("a body that is too large", () => {
  const tooLarge = {
    status: 413,
    type: "request_too_large",
    message: `Request exceeds the maximum size of ${LIMIT} bytes`,
  };

  it("is refused by its declared length, unread", async () => {
    verifies("body.limit");
    const sent = request("x".repeat(LIMIT + 1), { "content-length": String(LIMIT + 1) });
    await expect(readBody(sent, { maxBytes: LIMIT })).rejects.toMatchObject(tooLarge);
    expect(sent.bodyUsed).toBe(false);
  });

  it("is refused as soon as it turns out so", async () => {
    verifies("body.limit");
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (stream) => {
        pulled++;
        stream.enqueue(new Uint8Array(100));
      },
    });
    expect(await failure(endless)).toMatchObject(tooLarge);
    expect(pulled).toBeLessThan(15);
  });
});

it("a body that is cut within a character is not UTF-8", async () => {
  verifies("body.not-json");
  const bytes = new TextEncoder().encode('"é"');
  expect((await failure(bytes.slice(0, 2))).message).toBe(
    "The request body is not valid JSON: it is not UTF-8",
  );
});
