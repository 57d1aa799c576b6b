import { GatewayError, invalidRequest } from "../gateway-error.ts";
import { jsonDepth } from "./json-depth.ts";

/** Deeper than any schema or document needs, shallower than what recursive readers survive. */
const MAX_DEPTH = 256;

/** The JSON value of a request's body. Throws a `GatewayError` when it is too large, encoded, not JSON, or nested too deep. */
export async function readBody(request: Request, { maxBytes }: { maxBytes: number }): Promise<unknown> {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    throw invalidRequest(`Content-Encoding ${encoding} is not supported; send the body as it is`, {
      error_code: "request_body_encoding_unsupported",
    });
  }
  const text = await readText(request, maxBytes);
  if (jsonDepth(text) > MAX_DEPTH) {
    throw invalidRequest(`The request body is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidRequest(`The request body is not valid JSON: ${(error as SyntaxError).message}`);
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = new GatewayError(`Request exceeds the maximum size of ${maxBytes} bytes`, {
    code: "request_too_large",
    status: 413,
    type: "request_too_large",
  });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge;
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let text = "";
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge;
      text += utf8.decode(chunk, { stream: true });
    }
    return text + utf8.decode();
  } catch (error) {
    if (
      error instanceof TypeError &&
      (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA"
    ) {
      throw invalidRequest("The request body is not valid JSON: it is not UTF-8");
    }
    throw error;
  }
}
