import { invalidRequest } from "../gateway-error.ts";
import type { BatchItem } from "./batch-item.ts";

const MAX_ITEMS = 100_000;
const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** The requests of a body of `POST /v1/messages/batches`. Their parameters are not looked at. Throws `invalid_request`. */
export function checkItems(body: unknown): readonly BatchItem[] {
  const requests = isObject(body) ? body.requests : undefined;
  if (requests === undefined) throw invalidRequest("requests: Field required");
  if (!Array.isArray(requests)) throw invalidRequest("requests: Input should be a valid list");
  if (requests.length === 0) throw tooShort();
  if (requests.length > MAX_ITEMS) {
    throw invalidRequest(
      `requests: List should have at most ${MAX_ITEMS} items after validation, not ${requests.length}`,
    );
  }
  const places = new Map<string, number>();
  return requests.map((request: unknown, index) => {
    const item = checkItem(request, `requests.${index}`);
    const first = places.get(item.custom_id);
    if (first !== undefined) {
      throw invalidRequest(
        `requests.${index}.custom_id: custom_id must be unique within a batch; requests.${first} has the same`,
      );
    }
    places.set(item.custom_id, index);
    return item;
  });
}

function checkItem(request: unknown, path: string): BatchItem {
  if (!isObject(request)) throw invalidRequest(`${path}: Input should be an object`);
  const { custom_id: id, params } = request;
  if (id === undefined) throw invalidRequest(`${path}.custom_id: Field required`);
  if (typeof id !== "string") throw invalidRequest(`${path}.custom_id: Input should be a valid string`);
  if (!CUSTOM_ID.test(id)) {
    throw invalidRequest(`${path}.custom_id: String should match pattern '${CUSTOM_ID.source}'`);
  }
  if (params === undefined) throw invalidRequest(`${path}.params: Field required`);
  if (!isObject(params)) throw invalidRequest(`${path}.params: Input should be an object`);
  return { custom_id: id, params };
}

function tooShort(): Error {
  return invalidRequest("requests: List should have at least 1 item after validation, not 0");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
