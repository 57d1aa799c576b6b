import type { GatewayConfiguration, ServeGatewayOptions } from "@ml-intern/gateway";

/** How long and how many clients may be, where the configuration says it. */
export function serveOptions({
  limits,
}: GatewayConfiguration): Pick<ServeGatewayOptions, "maxConnections" | "timeouts"> {
  const { connections, headersMs, requestMs, keepAliveMs, writeStallMs } = limits;
  return {
    ...(connections === null ? {} : { maxConnections: connections }),
    timeouts: {
      ...(headersMs === null ? {} : { headersMs }),
      ...(requestMs === null ? {} : { requestMs }),
      ...(keepAliveMs === null ? {} : { keepAliveMs }),
      ...(writeStallMs === null ? {} : { writeStallMs }),
    },
  };
}
