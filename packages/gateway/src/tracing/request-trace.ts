import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { GatewayLogEntry } from "../create-gateway.ts";
import { routeLabel } from "../routes/route-label.ts";
import { readTraceparent, writeTraceparent } from "./trace-context.ts";

/** One request in a trace. */
export interface RequestTrace {
  /** The request's headers, with this request's place in the trace for whoever is asked next. */
  readonly headers: Headers;
  /** Writes the spans, once the last byte has left. `admittedMs` is when the engine was asked, since the request arrived. */
  readonly end: (entry: GatewayLogEntry, admittedMs: number | null) => void;
}

export interface TraceRequestOptions {
  readonly tracer: Tracer;
  readonly headers: Headers;
  readonly method: string;
  readonly path: string;
}

/**
 * Begins the span of a request, as part of the caller's trace where it has one. Below it come `validate` and the engine's part,
 * with the moment of its first event. Names of models and counts of tokens are told, in the words of OpenTelemetry's
 * conventions for generative AI; nothing that a person wrote is.
 */
export function traceRequest({ tracer, headers, method, path }: TraceRequestOptions): RequestTrace {
  const caller = readTraceparent(headers);
  const parent = caller ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
  const startTime = Date.now();
  const route = routeLabel(path);
  const span = tracer.startSpan(
    `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      startTime,
      attributes: { "http.request.method": method, "http.route": route, "url.path": path },
    },
    parent,
  );
  const within = trace.setSpan(parent, span);

  function child(name: string, fromMs: number, kind: SpanKind): Span {
    return tracer.startSpan(name, { kind, startTime: startTime + fromMs }, within);
  }

  return {
    headers: withTraceparent(headers, span),
    end(entry, admittedMs) {
      const endTime = startTime + entry.duration_ms;
      child("validate", 0, SpanKind.INTERNAL).end(startTime + (admittedMs ?? entry.duration_ms));
      if (admittedMs !== null && entry.engine !== undefined) {
        const engine = child(`${operationOf(path)} ${entry.upstream_model}`, admittedMs, SpanKind.CLIENT);
        engine.setAttributes(modelAttributes(entry));
        if (entry.first_event_ms !== undefined) {
          engine.addEvent("first event", startTime + entry.first_event_ms);
        }
        endSpan(engine, entry, endTime);
      }
      span.setAttributes({ ...modelAttributes(entry), "http.response.status_code": entry.status });
      endSpan(span, entry, endTime);
    },
  };
}

function withTraceparent(headers: Headers, span: Span): Headers {
  const place = span.spanContext();
  if (!trace.isSpanContextValid(place)) return headers;
  const own = new Headers(headers);
  own.set("traceparent", writeTraceparent(place));
  return own;
}

function endSpan(
  span: Span,
  { error_type: type, error_code: code, status }: GatewayLogEntry,
  at: number,
): void {
  if (type !== undefined) {
    span.setAttribute("error.type", code ?? type);
    // A request that breaks the rules is no failure of the server.
    if (status >= 500 || status < 400) span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? type });
  }
  span.end(at);
}

function operationOf(path: string): string {
  return path.endsWith("/count_tokens") ? "count_tokens" : "chat";
}

function modelAttributes(entry: GatewayLogEntry): Attributes {
  const attributes: Attributes = {
    "gen_ai.operation.name": entry.model === undefined ? undefined : operationOf(entry.path),
    "gen_ai.provider.name": entry.engine,
    "gen_ai.request.model": entry.model,
    "gen_ai.response.model": entry.upstream_model,
    "gen_ai.response.finish_reasons": entry.stop_reason === undefined ? undefined : [entry.stop_reason],
    "gen_ai.usage.input_tokens": entry.input_tokens,
    "gen_ai.usage.output_tokens": entry.output_tokens,
    "gen_ai.usage.cache_read.input_tokens": entry.cache_read_input_tokens,
    "gen_ai.usage.cache_creation.input_tokens": entry.cache_creation_input_tokens,
    "ml_intern.request_id": entry.request_id,
    "ml_intern.workspace": entry.workspace,
  };
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
