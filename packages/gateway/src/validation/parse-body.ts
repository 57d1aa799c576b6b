import { invalidRequest } from "../gateway-error.ts";
import { jsonDepth } from "./json-depth.ts";
import { loneSurrogate } from "./lone-surrogate.ts";

/** Deeper than any schema or document needs, shallower than what recursive readers survive. */
const MAX_DEPTH = 256;

/**
 * The JSON value in a body. A byte order mark is skipped; of members with the same name the last one counts. Throws
 * `invalid_request_error` for what is not UTF-8, not JSON, not text (half a surrogate pair), or nested too deep.
 */
export function parseBody(bytes: Uint8Array): unknown {
  const text = utf8(bytes);
  if (jsonDepth(text) > MAX_DEPTH) {
    throw invalidRequest(`The request body is nested deeper than ${MAX_DEPTH} levels`);
  }
  const broken = loneSurrogate(text);
  if (broken !== null) throw notJson(`half a surrogate pair in a string at position ${broken}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notJson((error as SyntaxError).message);
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder fails for this reason only.
    throw notJson("it is not UTF-8");
  }
}

function notJson(reason: string): Error {
  return invalidRequest(`The request body is not valid JSON: ${reason}`);
}
