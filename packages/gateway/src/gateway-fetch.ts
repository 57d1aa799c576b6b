import type { Gateway } from "./create-gateway.ts";

/**
 * A `fetch` that ends in the gateway instead of on a socket, for `new Anthropic({ fetch: gatewayFetch(gateway) })`.
 * When the caller aborts, it rejects and the body fails, with the signal's reason, as the real one does.
 */
export function gatewayFetch(gateway: Pick<Gateway, "fetch">): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    const response = await Promise.race([gateway.fetch(request), rejection(signal)]);
    const body =
      response.body?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal }) ?? null;
    return new Response(body, response);
  };
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
