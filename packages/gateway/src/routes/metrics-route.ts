import type { Handler } from "hono";
import type { GatewayMetrics } from "../metrics/create-metrics.ts";
import type { GatewayEnv } from "./gateway-env.ts";

/** `GET /metrics`, for Prometheus. */
export function metricsRoute(metrics: GatewayMetrics): Handler<GatewayEnv> {
  return async () => {
    const { contentType, text } = await metrics.render();
    return new Response(text, { headers: { "content-type": contentType } });
  };
}
