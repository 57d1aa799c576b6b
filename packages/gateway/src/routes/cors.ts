import type { MiddlewareHandler } from "hono";
import type { GatewayEnv } from "./gateway-env.ts";

/** What a page may read of a response, beyond what every page may. */
const READABLE = [
  "request-id",
  "x-gateway-request-id",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "anthropic-organization-id",
  "anthropic-workspace-id",
  ...["requests", "tokens", "input-tokens", "output-tokens"].flatMap((measure) =>
    ["limit", "remaining", "reset"].map((part) => `anthropic-ratelimit-${measure}-${part}`),
  ),
].join(", ");

/** What official clients send; a browser that names others is told that these are all. */
const SENDABLE =
  /^(x-api-key|authorization|content-type|accept|user-agent|idempotency-key|traceparent|tracestate|x-app|anthropic-[\w-]+|x-stainless-[\w-]+|x-claude-code-[\w-]+)$/i;

/** How long a browser may remember the answer to a preflight. */
const REMEMBERED_SECONDS = 600;

/** Tells browsers which pages may ask and read: those whose origin `isAllowed`. It answers their preflights itself, since these carry no key. */
export function cors(isAllowed: (origin: string) => boolean): MiddlewareHandler<GatewayEnv> {
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin === undefined || !isAllowed(origin)) return next();
    const asked = context.req.header("access-control-request-headers");
    if (context.req.method === "OPTIONS" && context.req.header("access-control-request-method")) {
      const names = (asked ?? "").split(",").map((name) => name.trim());
      return new Response(null, {
        status: 204,
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-methods": "GET, HEAD, POST, DELETE",
          "access-control-allow-headers": names.filter((name) => SENDABLE.test(name)).join(", "),
          "access-control-max-age": String(REMEMBERED_SECONDS),
          ...(context.req.header("access-control-request-private-network") === "true"
            ? { "access-control-allow-private-network": "true" }
            : {}),
          vary: "origin, access-control-request-headers",
        },
      });
    }
    await next();
    context.header("access-control-allow-origin", origin);
    context.header("access-control-expose-headers", READABLE);
    context.header("vary", "origin", { append: true });
  };
}
