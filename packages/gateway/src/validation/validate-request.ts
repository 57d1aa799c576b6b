import type { CountTokensRequest, MessagesRequest } from "@ml-intern/messages";
import type { z } from "zod";
import { invalidRequest } from "../gateway-error.ts";
import type { Check, CheckedRequest } from "./check.ts";
import { checkCacheMarkers } from "./check-cache-markers.ts";
import { checkContent } from "./check-content.ts";
import { checkLimits } from "./check-limits.ts";
import { checkSystemMessages } from "./check-system-messages.ts";
import { checkToolResults } from "./check-tool-results.ts";
import { checkTools } from "./check-tools.ts";
import { checkVersion } from "./check-version.ts";
import { issueText } from "./issue-text.ts";
import { countSchema, createSchema } from "./request-schema.ts";

const CHECKS: readonly Check[] = [
  checkContent,
  checkSystemMessages,
  checkToolResults,
  checkTools,
  checkLimits,
  checkCacheMarkers,
];

/** A body of `POST /v1/messages`, with its unknown fields. Throws a `GatewayError` that names the first fault. */
export function validateCreate(body: unknown, headers: Headers): MessagesRequest {
  return validate(createSchema, body, headers) as MessagesRequest;
}

/** A body of `POST /v1/messages/count_tokens`; the same rules, without those on generation. */
export function validateCount(body: unknown, headers: Headers): CountTokensRequest {
  return validate(countSchema, body, headers);
}

function validate(schema: z.ZodType, raw: unknown, headers: Headers): CheckedRequest {
  const body = withoutNulls(raw);
  const issue = schema.safeParse(body).error?.issues[0];
  if (issue) throw invalidRequest(issueText(issue, body));
  // The schema has proved it; the type is written once, in the messages package.
  const request = body as CheckedRequest;
  refuseThread(request);
  const fault = checkVersion(request, headers.get("anthropic-version")) ?? firstFault(request);
  if (fault) throw invalidRequest(fault);
  return request;
}

function firstFault(request: CheckedRequest): string | null {
  for (const check of CHECKS) {
    const fault = check(request);
    if (fault) return fault;
  }
  return null;
}

/** Conversations are not kept here. Clients that ask for it send the whole history when they are told in these words. */
function refuseThread(request: CheckedRequest): void {
  if (!("thread" in request)) return;
  throw invalidRequest("thread: message threads are not supported; send the whole conversation", {
    error_code: "thread_unsupported_request",
    unsupported: ["thread"],
  });
}

/** A top-level `null` says the same as no field. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
