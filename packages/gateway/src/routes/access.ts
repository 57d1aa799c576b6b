import type { MiddlewareHandler } from "hono";
import type { GatewayKey } from "../create-gateway.ts";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";

/**
 * Lets in who shows a known key, in `x-api-key` or as a bearer token; either is enough. With no keys configured everyone is let in,
 * but not a web page from elsewhere: a browser would send its requests to loopback for it.
 */
export function access(
  keys: Readonly<Record<string, GatewayKey>> | undefined,
): MiddlewareHandler<GatewayEnv> {
  const known = new Map(Object.entries(keys ?? {}));
  return async (context, next) => {
    if (known.size === 0) {
      refuseForeignPages(context.req.header("origin"));
      context.set("workspace", "default");
      context.set("key", null);
      return next();
    }
    const shown = credentials(context.req.raw.headers);
    const key = shown.flatMap((credential) => known.get(credential) ?? [])[0];
    if (!key) throw unauthenticated(shown.length === 0);
    context.set("workspace", key.workspace);
    // Keys have no name of their own yet; a limit of one key is a limit of its workspace.
    context.set("key", key.workspace);
    await next();
    context.header("anthropic-workspace-id", key.workspace);
  };
}

function credentials(headers: Headers): readonly string[] {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return [headers.get("x-api-key"), bearer].flatMap((credential) => (credential ? [credential.trim()] : []));
}

function unauthenticated(missing: boolean): GatewayError {
  return new GatewayError(missing ? "x-api-key header is required" : "invalid x-api-key", {
    code: "invalid_key",
    status: 401,
    type: "authentication_error",
    mend: "Send a configured key as `x-api-key` or as `Authorization: Bearer`.",
  });
}

function refuseForeignPages(origin: string | undefined): void {
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).hostname : "";
  if (host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127\./.test(host)) return;
  throw new GatewayError(`Requests from web pages at ${origin} are not accepted`, {
    code: "forbidden_origin",
    status: 403,
    type: "permission_error",
    mend: "Configure keys to let pages from elsewhere in.",
  });
}
