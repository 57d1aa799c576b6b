import { Agent, type Dispatcher } from "undici";
import { PushedBytes } from "./pushed-bytes.ts";
import type { UpstreamAnswer, UpstreamFetch, UpstreamInit } from "./upstream-fetch.ts";

/** Silence is timed by the caller, who can say what it means; undici's own limits would only be another answer. */
const NO_LIMIT = 0;

/**
 * Kept-alive connections of this process, one pool for each origin. Node's own `fetch` costs several times the
 * processor time of the same request, most of it for parts of the standard that an engine has no use for.
 */
const agent = new Agent({ headersTimeout: NO_LIMIT, bodyTimeout: NO_LIMIT, connectTimeout: 10_000 });

const NOBODY_READS = new Error("Nobody reads this answer any more");

/** Asks over kept-alive connections. Redirects are answers like any other, and bodies are not decompressed. */
export const pooledFetch: UpstreamFetch = (url, init) => {
  const { origin, path } = splitUrl(url);
  return new Promise((resolve, reject) => {
    const { method, headers, body = null, signal } = init;
    const options: Dispatcher.DispatchOptions = { origin, path, method, headers, body };
    agent.dispatch(options, new Exchange({ signal, resolve, reject }));
  });
};

interface ExchangeOptions extends Pick<UpstreamInit, "signal"> {
  readonly resolve: (answer: UpstreamAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** One request and its answer, told in undici's callbacks. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  #controller: Dispatcher.DispatchController | null = null;
  #bytes: PushedBytes | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { signal } = this.#options;
    this.#controller = controller;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#abort);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // An interim answer such as 103 Early Hints: the real one follows.
    if (status < 200) return;
    this.#bytes = new PushedBytes({
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      leave: () => controller.abort(NOBODY_READS),
    });
    this.#options.resolve({ status, headers: toHeaders(headers), body: this.#bytes });
  }

  onResponseData(_: Dispatcher.DispatchController, bytes: Buffer): void {
    this.#bytes?.push(bytes);
  }

  onResponseEnd(): void {
    this.#release();
    this.#bytes?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#release();
    if (this.#bytes) this.#bytes.fail(error);
    else this.#options.reject(error);
  }

  readonly #abort = (): void => {
    this.#controller?.abort(toError(this.#options.signal.reason));
  };

  #release(): void {
    this.#options.signal.removeEventListener("abort", this.#abort);
  }
}

function toHeaders(record: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === "string") headers.append(name, value);
    else for (const each of value ?? []) headers.append(name, each);
  }
  return headers;
}

function splitUrl(url: string): { readonly origin: string; readonly path: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  // Parsing is left to undici, which does it once for each origin.
  return start < 0 ? { origin: url, path: "/" } : { origin: url.slice(0, start), path: url.slice(start) };
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
