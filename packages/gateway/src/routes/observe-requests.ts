import type { Tracer } from "@opentelemetry/api";
import type { MiddlewareHandler } from "hono";
import type { GatewayLogEntry, GatewayOptions } from "../create-gateway.ts";
import type { Metering } from "../metering/metered-request.ts";
import type { GatewayMetrics } from "../metrics/create-metrics.ts";
import { traceRequest } from "../tracing/request-trace.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { routeLabel } from "./route-label.ts";

/** Asked every few seconds by machines that watch over the server: no part of anybody's trace. */
const PROBES: ReadonlySet<string> = new Set(["/metrics", "/healthz"]);

export interface ObserveRequestsOptions {
  readonly now: () => number;
  readonly newId: (prefix: "req") => string;
  readonly organizationId: string;
  readonly log: NonNullable<GatewayOptions["log"]>;
  readonly logsPrompts: boolean;
  readonly metering?: Metering | undefined;
  readonly metrics?: GatewayMetrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/**
 * Gives every request an id and every response its `request-id`; when the last byte has left, writes the line in the
 * log, meters and counts it, and ends its trace.
 */
export function observeRequests(options: ObserveRequestsOptions): MiddlewareHandler<GatewayEnv> {
  const { now, newId, organizationId, log, metering, metrics, tracer } = options;
  return async (context, next) => {
    const requestId = newId("req");
    const started = now();
    const { method, path, raw } = context.req;
    metrics?.began();
    const trace =
      tracer && !PROBES.has(path) ? traceRequest({ tracer, headers: raw.headers, method, path }) : null;
    context.set("requestId", requestId);
    context.set("notes", {});
    context.set("startedAt", started);
    context.set("elapsed", () => now() - started);
    context.set("headers", trace?.headers ?? raw.headers);
    context.set("logsPrompts", options.logsPrompts);
    context.set("streaming", false);
    context.set("finish", () => {
      const { notes, workspace, streaming, admittedMs = null } = context.var;
      const entry: GatewayLogEntry = {
        request_id: requestId,
        method,
        path,
        status: context.res.status,
        duration_ms: now() - started,
        workspace,
        ...notes,
      };
      log(entry);
      if (routeLabel(path) === "/v1/messages") metering?.record({ ...entry, batch: false });
      metrics?.finished(entry, { streaming });
      trace?.end(entry, admittedMs);
    });
    await next();
    const { headers } = context.res;
    // Set on the response itself: by now `context.header` would make a new response for each.
    // An upstream knows the request by its own id, which stays; ours then goes beside it.
    headers.set(headers.has("request-id") ? "x-gateway-request-id" : "request-id", requestId);
    if (!headers.has("anthropic-organization-id")) headers.set("anthropic-organization-id", organizationId);
    if (context.get("streaming")) metrics?.streamBegan();
    else context.get("finish")();
  };
}
