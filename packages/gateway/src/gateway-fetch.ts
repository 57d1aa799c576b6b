import type { Gateway } from "./create-gateway.ts";

/**
 * A `fetch` that ends in the gateway instead of on a socket, for `new Anthropic({ fetch: gatewayFetch(gateway) })`.
 * It rejects with the signal's reason when the caller aborts, as the real one does.
 */
export function gatewayFetch(gateway: Pick<Gateway, "fetch">): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    return await Promise.race([gateway.fetch(request), aborted(request.signal)]);
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
