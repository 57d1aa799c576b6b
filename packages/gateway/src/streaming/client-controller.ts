import { clientLeft } from "./sse-body.ts";

/** The controllers of requests' own signals, where whoever made the request has handed them over. */
const handedOver = new WeakMap<AbortSignal, AbortController>();

/**
 * The signal for a request whose route may abort it itself. Saves the route a controller that follows another one: each
 * costs as much as reading a small request.
 */
export function handOver(controller: AbortController): AbortSignal {
  handedOver.set(controller.signal, controller);
  return controller.signal;
}

/** Aborts when the client's request does. Its reason is always an error, whatever the server gave as one. */
export function clientController({ signal }: Pick<Request, "signal">): AbortController {
  const own = handedOver.get(signal);
  if (own) return own;
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason instanceof Error ? signal.reason : clientLeft());
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller;
}
