import { offline, type WebClient, type WebRequest } from "./web-client.ts";

/**
 * The client as a `fetch` for libraries that take one: the same hosts, pauses and credentials. Answers without success are
 * answers, as in `fetch`; what never became one is a `WebError`. `signal` ends every request that is made through it.
 */
export function asFetch(web: WebClient, { signal }: { readonly signal: AbortSignal }): typeof fetch {
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    if (web.isOffline) throw offline(url);
    const method = (init.method ?? "GET").toUpperCase() as NonNullable<WebRequest["method"]>;
    const headers = Object.fromEntries(new Headers(init.headers));
    // Credentials are the client's affair: it knows which host they belong to.
    delete headers.authorization;
    const body = bodyOf(init.body);
    const { response, done } = await web.open({
      url,
      method,
      headers,
      ...(body !== undefined && { body }),
      isRead: method === "GET" || method === "HEAD",
      signal: init.signal ? AbortSignal.any([signal, init.signal]) : signal,
    });
    return whileRead(response, done);
  };
}

function bodyOf(body: unknown): string | Uint8Array | Blob | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string" || body instanceof Uint8Array || body instanceof Blob) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new TypeError("asFetch sends text, bytes and Blobs only");
}

/** The same answer; the host's place is given back when its body ends. */
function whileRead(response: Response, done: Disposable): Response {
  const { status, statusText, headers, body } = response;
  if (body === null) {
    done[Symbol.dispose]();
    return new Response(null, { status, statusText, headers });
  }
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const piece = await reader.read();
        if (!piece.done) return controller.enqueue(piece.value);
        done[Symbol.dispose]();
        controller.close();
      } catch (error) {
        done[Symbol.dispose]();
        controller.error(error);
      }
    },
    async cancel(reason) {
      done[Symbol.dispose]();
      await reader.cancel(reason);
    },
  });
  return new Response(watched, { status, statusText, headers });
}
