import { apiErrorBody } from "@ml-intern/messages";
import type { Context } from "hono";
import { GatewayError } from "../gateway-error.ts";
import { toApiError } from "../to-api-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { noteFailure } from "./note-failure.ts";

/** What logs call a client that left before it was answered; nobody receives it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Any failure before the first byte, as the API's error body. */
export function errorResponse(error: unknown, context: Context<GatewayEnv>): Response {
  const { signal } = context.req.raw;
  // A server that shuts down aborts as well, with what the client is to be told.
  const isTold = signal.reason instanceof GatewayError;
  if (signal.aborted && !isTold) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
  const failure: unknown = isTold ? signal.reason : error;
  const { status, headers, detail } = toApiError(failure);
  noteFailure(failure, context.var.notes);
  return Response.json(apiErrorBody(detail, context.var.requestId), { status, headers });
}
