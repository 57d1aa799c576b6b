import { apiErrorBody } from "@ml-intern/messages";
import type { Context } from "hono";
import { toApiError } from "../to-api-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { noteFailure } from "./note-failure.ts";

/** What logs call a client that left before it was answered; nobody receives it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Any failure before the first byte, as the API's error body. */
export function errorResponse(error: unknown, context: Context<GatewayEnv>): Response {
  if (context.req.raw.signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
  const { status, headers, detail } = toApiError(error);
  noteFailure(error, context.var.notes);
  return Response.json(apiErrorBody(detail, context.var.requestId), { status, headers });
}
