import { apiErrorBody } from "@ml-intern/messages";
import type { Context } from "hono";
import { toApiError } from "../to-api-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";

/** What logs call a client that left before it was answered; nobody receives it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Any failure before the first byte, as the API's error body. */
export function errorResponse(error: unknown, context: Context<GatewayEnv>): Response {
  if (context.req.raw.signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
  const { status, headers, detail } = toApiError(error);
  context.var.notes.error = detail.message;
  return Response.json(apiErrorBody(detail, context.var.requestId), { status, headers });
}
