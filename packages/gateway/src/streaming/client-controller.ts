import { clientLeft } from "./sse-body.ts";

/** Aborts when the client's request does. Its reason is always an error, whatever the server gave as one. */
export function clientController({ signal }: Pick<Request, "signal">): AbortController {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason instanceof Error ? signal.reason : clientLeft());
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller;
}
