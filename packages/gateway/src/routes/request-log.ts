import type { MiddlewareHandler } from "hono";
import type { GatewayOptions } from "../create-gateway.ts";
import type { GatewayEnv } from "./gateway-env.ts";

export interface RequestLogOptions {
  readonly now: () => number;
  readonly newId: (prefix: "req") => string;
  readonly log: NonNullable<GatewayOptions["log"]>;
}

/** Gives every request an id and every response its `request-id`, and writes one line when the last byte has left. */
export function requestLog({ now, newId, log }: RequestLogOptions): MiddlewareHandler<GatewayEnv> {
  return async (context, next) => {
    const requestId = newId("req");
    const started = now();
    const { method, path } = context.req;
    context.set("requestId", requestId);
    context.set("notes", {});
    context.set("elapsed", () => now() - started);
    context.set("streaming", false);
    context.set("finish", () => {
      const { status } = context.res;
      log({
        request_id: requestId,
        method,
        path,
        status,
        duration_ms: now() - started,
        workspace: context.var.workspace,
        ...context.var.notes,
      });
    });
    await next();
    // An upstream knows the request by its own id, which stays; ours then goes beside it.
    context.header(context.res.headers.has("request-id") ? "x-gateway-request-id" : "request-id", requestId);
    if (!context.var.streaming) context.var.finish();
  };
}
