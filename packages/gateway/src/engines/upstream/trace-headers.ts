const NAMES = ["traceparent", "tracestate"];

/** The headers that tell an endpoint which trace its work belongs to. */
export function traceHeaders(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
