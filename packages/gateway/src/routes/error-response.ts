import { apiErrorBody } from "@ml-intern/messages";
import type { Context } from "hono";
import { toApiError } from "../to-api-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";

/** Any failure before the first byte, as the API's error body. */
export function errorResponse(error: unknown, context: Context<GatewayEnv>): Response {
  const { status, headers, detail } = toApiError(error);
  context.var.notes.error = detail.message;
  return Response.json(apiErrorBody(detail, context.var.requestId), { status, headers });
}
