import { type SpanContext, TraceFlags } from "@opentelemetry/api";

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The caller's place in a trace, from the W3C header `traceparent`; null when there is none or it makes no sense. */
export function readTraceparent(headers: Headers): SpanContext | null {
  const [, version, traceId = "", spanId = "", flags = "", rest] =
    TRACEPARENT.exec(headers.get("traceparent")?.trim() ?? "") ?? [];
  const isFutureVersion = version !== "00" && rest !== undefined;
  if (version === undefined || version === "ff" || (rest !== undefined && !isFutureVersion)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

/** The same place as a header for those who are asked in turn. */
export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0")}`;
}
