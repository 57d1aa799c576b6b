import type { CountTokensRequest, MessagesRequest } from "@ml-intern/messages";
import { invalidRequest } from "../gateway-error.ts";
import type { Check, CheckedRequest } from "./check.ts";
import { checkCacheMarkers } from "./check-cache-markers.ts";
import { checkClaudeModel } from "./check-claude-model.ts";
import { checkContent } from "./check-content.ts";
import { checkContextEdits } from "./check-context-edits.ts";
import { checkLimits } from "./check-limits.ts";
import { checkSystemMessages } from "./check-system-messages.ts";
import { checkToolResults } from "./check-tool-results.ts";
import { checkTools } from "./check-tools.ts";
import { checkToolsets } from "./check-toolsets.ts";
import { checkVersion } from "./check-version.ts";
import { countShape, createShape } from "./request-shapes.ts";
import { faultText, isObject, type Shape } from "./shape.ts";

const MAX_TEXT = 4_000;

const CHECKS: readonly Check[] = [
  checkVersion,
  checkClaudeModel,
  checkContent,
  checkSystemMessages,
  checkToolResults,
  checkTools,
  checkToolsets,
  checkLimits,
  checkContextEdits,
  checkCacheMarkers,
];

/** A body of `POST /v1/messages`, with the fields that mean nothing here. Throws a `GatewayError` that names the first fault. */
export function validateCreate(body: unknown, headers: Headers): MessagesRequest {
  return validate(createShape, body, headers) as MessagesRequest;
}

/** A body of `POST /v1/messages/count_tokens`; the same rules, without those on generation. */
export function validateCount(body: unknown, headers: Headers): CountTokensRequest {
  return validate(countShape, body, headers);
}

function validate(shape: Shape, raw: unknown, headers: Headers): CheckedRequest {
  const fault = shape(raw);
  if (fault) throw refusal(faultText(fault));
  // The shape has proved it; the type is written once, in the messages package.
  const request = withoutNulls(raw) as CheckedRequest;
  refuseContinuedThread(request);
  for (const check of CHECKS) {
    const text = check(request, headers);
    if (text) throw refusal(text);
  }
  return request;
}

/** What it quotes from the request, a name or a list of ids, may be as long as the request. */
function refusal(text: string): Error {
  return invalidRequest(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}

/**
 * Conversations are not kept here. To begin one costs nothing, since the request holds all of it; to go on with one
 * cannot be done. Clients that are told so in these words send the whole history instead.
 */
function refuseContinuedThread(request: object): void {
  if (!("thread" in request && isObject(request.thread) && request.thread.type === "continue")) return;
  throw invalidRequest("thread: message threads are not kept by this server; send the whole conversation", {
    error_code: "thread_unsupported_request",
    unsupported: ["thread"],
  });
}

/** A top-level `null` says the same as no field. */
function withoutNulls(body: unknown): unknown {
  if (!isObject(body) || !Object.values(body).includes(null)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
