import type { GatewayConfiguration, GatewayOptions } from "@ml-intern/gateway";
import type { Environment } from "@ml-intern/intern";

export interface Tracing extends AsyncDisposable {
  readonly tracer: NonNullable<GatewayOptions["tracer"]>;
}

export interface OpenTracingOptions {
  readonly settings: GatewayConfiguration["traces"];
  readonly env: Environment;
  readonly version: string;
  /** Hears, once, that spans cannot be sent. */
  readonly onFailure: (message: string) => void;
}

/** Longest time to send spans in, tries included: also how much longer a server takes to end where nobody receives them. */
const SEND_MS = 5_000;

/**
 * Sends spans by OTLP over HTTP to where the configuration or `OTEL_EXPORTER_OTLP_ENDPOINT` says; null when neither does.
 * Disposing of it sends what is left.
 */
export async function openTracing({
  settings,
  env,
  version,
  onFailure,
}: OpenTracingOptions): Promise<Tracing | null> {
  const url = tracesUrl(settings.endpoint, env);
  if (url === null || env.OTEL_SDK_DISABLED === "true") return null;
  // Loaded only where traces are wanted: it takes a tenth of a second.
  const [sdk, { OTLPTraceExporter }, { defaultResource, resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...settings.headers },
    timeoutMillis: SEND_MS,
  });
  const send = exporter.export.bind(exporter);
  let told = false;
  exporter.export = (spans, done) => {
    send(spans, (result) => {
      if (result.code !== 0 && !told) {
        told = true;
        onFailure(`Traces cannot be sent to ${url}: ${result.error?.message ?? "refused"}`);
      }
      done(result);
    });
  };
  const root = new sdk.TraceIdRatioBasedSampler(settings.ratio ?? 1);
  const provider = new sdk.NodeTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        "service.name": env.OTEL_SERVICE_NAME ?? "ml-intern",
        "service.version": version,
      }),
    ),
    sampler: new sdk.ParentBasedSampler({ root }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  return {
    tracer: provider.getTracer("ml-intern-gateway", version),
    // The failure was told when the last spans were sent; a server must not end badly because of it.
    [Symbol.asyncDispose]: () => provider.shutdown().catch(() => {}),
  };
}

function tracesUrl(endpoint: string | null, env: Environment): string | null {
  if (endpoint === null && env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
    return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const base = endpoint ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!base) return null;
  const trimmed = base.replace(/\/+$/, "");
  return trimmed.endsWith("/v1/traces") ? trimmed : `${trimmed}/v1/traces`;
}
