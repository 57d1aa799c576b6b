/** What the client says of the API's version and betas, of itself, of its session, and of its trace. */
const TO_UPSTREAM =
  /^(accept|content-type|user-agent|idempotency-key|anthropic-.+|x-claude-code-.+|x-stainless-.+|x-app|traceparent|tracestate)$/;
/** About this gateway and its callers, not about the upstream. */
const NOT_TO_UPSTREAM = /^anthropic-(workspace-id|dangerous-direct-browser-access)$/;

/** What describes the body, names the request, or tells the client when to come back. Cookies and the like end here. */
const TO_CLIENT =
  /^(content-type|content-length|content-encoding|cache-control|request-id|retry-after|retry-after-ms|x-should-retry|anthropic-.+)$/;

export const DEFAULT_VERSION = "2023-06-01";

/** Headers of the client's request that go on to the upstream. Its credentials do not. */
export function headersToUpstream(headers: Headers): Readonly<Record<string, string>> {
  const kept = [...headers].filter(([name]) => TO_UPSTREAM.test(name) && !NOT_TO_UPSTREAM.test(name));
  // The bytes are passed on as they come: they must come unpacked.
  return {
    "anthropic-version": DEFAULT_VERSION,
    ...Object.fromEntries(kept),
    "accept-encoding": "identity",
  };
}

/** Headers of the upstream's answer that go on to the client. */
export function headersToClient(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => TO_CLIENT.test(name)));
}
