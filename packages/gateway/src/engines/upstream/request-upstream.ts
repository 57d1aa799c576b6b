import { connectionError, cutError, silenceError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";

export interface UpstreamRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; without it the request is a GET. */
  readonly json?: unknown;
  readonly signal: AbortSignal;
}

export interface UpstreamResponse extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** The body, piece by piece. Throws `endpoint_timeout` on silence and `endpoint_cut` when the connection breaks. */
  body(): AsyncGenerator<Uint8Array, void, undefined>;
  text(): Promise<string>;
}

/**
 * Asks an endpoint and waits for the head of its answer, whatever its status. Throws a `GatewayError` when there is
 * none, and the signal's reason when `signal` aborts. Disposing of the response ends the connection.
 */
export async function requestUpstream(
  endpoint: Endpoint,
  { path, headers, json, signal }: UpstreamRequest,
): Promise<UpstreamResponse> {
  const { baseUrl, silenceMs } = endpoint;
  const hangUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  /** Awaits the endpoint, but not for ever, and not when nobody waits for us any more. */
  async function patiently<T>(work: () => Promise<T>, begun: boolean): Promise<T> {
    timer = setTimeout(() => hangUp.abort(silenceError(baseUrl, { ms: silenceMs, begun })), silenceMs);
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      hangUp.signal.throwIfAborted();
      throw begun ? cutError(baseUrl, error) : connectionError(error, baseUrl);
    } finally {
      clearTimeout(timer);
    }
  }

  signal.throwIfAborted();
  const response = await patiently(
    () =>
      endpoint.fetch(`${baseUrl}${path}`, {
        ...(json === undefined ? {} : { method: "POST", body: JSON.stringify(json) }),
        headers: {
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...endpoint.headers,
          ...headers,
        },
        signal: AbortSignal.any([signal, hangUp.signal]),
      }),
    false,
  );

  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await patiently(async () => reader?.read(), true);
      if (!piece?.value) return;
      yield piece.value;
    }
  }

  return {
    status: response.status,
    headers: response.headers,
    body,
    text: async () => {
      const utf8 = new TextDecoder();
      let text = "";
      for await (const piece of body()) text += utf8.decode(piece, { stream: true });
      return text + utf8.decode();
    },
    [Symbol.asyncDispose]: async () => hangUp.abort(),
  };
}
