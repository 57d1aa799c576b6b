import { type ApiErrorType, apiErrorBody } from "@ml-intern/messages";
import { createId } from "../create-id.ts";

export interface RawErrorOptions {
  readonly status: number;
  readonly type: ApiErrorType;
  readonly message: string;
}

export interface RawError {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error in the API's form for a request that never reaches a route. The connection ends with it. */
export function rawError({ type, message }: Omit<RawErrorOptions, "status">): RawError {
  const id = createId("req");
  const body = JSON.stringify(apiErrorBody({ type, message }, id));
  return {
    headers: {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "request-id": id,
      connection: "close",
    },
    body,
  };
}

/** What the HTTP parser could not make a request of. */
export function badRequest(code: string | undefined): RawErrorOptions {
  const type = "invalid_request_error";
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, type, message: "The request did not arrive in time" };
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, type, message: "The request's headers are too large" };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return {
        status: 413,
        type: "request_too_large",
        message: "The request's chunk extensions are too large",
      };
    default:
      return { status: 400, type, message: "This is not an HTTP request that can be read" };
  }
}
