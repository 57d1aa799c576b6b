import {
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  trace,
} from "@opentelemetry/api";

export interface RecordedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly attributes: Attributes;
  readonly events: string[];
  failed: boolean;
  start: TimeInput | undefined;
  end: TimeInput | undefined;
}

/** A tracer that keeps its spans, where the real one would send them away. */
export function recordingTracer(): { readonly tracer: Tracer; readonly spans: readonly RecordedSpan[] } {
  const spans: RecordedSpan[] = [];

  function startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const parent = context && trace.getSpanContext(context);
    const number = spans.length + 1;
    const recorded: RecordedSpan = {
      name,
      traceId: parent?.traceId ?? String(number).padStart(32, "f"),
      spanId: String(number).padStart(16, "a"),
      parentId: parent?.spanId ?? null,
      attributes: { ...options.attributes },
      events: [],
      failed: false,
      start: options.startTime,
      end: undefined,
    };
    spans.push(recorded);
    const span: Span = {
      spanContext: () => ({ traceId: recorded.traceId, spanId: recorded.spanId, traceFlags: 1 }),
      setAttribute: (key, value) => span.setAttributes({ [key]: value }),
      setAttributes: (attributes) => {
        Object.assign(recorded.attributes, attributes);
        return span;
      },
      addEvent: (event) => {
        recorded.events.push(event);
        return span;
      },
      setStatus: ({ code }) => {
        recorded.failed = code === SpanStatusCode.ERROR;
        return span;
      },
      end: (time) => {
        recorded.end = time;
      },
      addLink: () => span,
      addLinks: () => span,
      updateName: () => span,
      isRecording: () => true,
      recordException: () => {},
    };
    return span;
  }

  const startActiveSpan = (): never => {
    throw new Error("the gateway passes contexts on by hand");
  };
  return { tracer: { startSpan, startActiveSpan }, spans };
}
