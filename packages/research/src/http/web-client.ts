import { setTimeout as sleep } from "node:timers/promises";
import { AnswerCache, type KeptAnswer } from "./answer-cache.ts";
import { type Credentials, credentialsFor } from "./credentials.ts";
import { errorOf, unreachable } from "./error-of.ts";
import { type Fetch, publicFetch } from "./fetch.ts";
import { HostGates, type HostManners } from "./host-gates.ts";
import { checkUrl, type HostPolicy } from "./host-policy.ts";
import { readBody } from "./read-body.ts";
import { retryWait } from "./retry-wait.ts";
import { WebError } from "./web-error.ts";

export interface WebClientOptions {
  /** Where answers are kept; null keeps none. */
  readonly cache: { readonly folder: string; readonly maxBytes?: number } | null;
  /** Answers come from the cache only, however old. */
  readonly offline?: boolean;
  readonly hosts?: HostPolicy;
  readonly credentials?: Credentials;
  readonly manners?: Readonly<Record<string, HostManners>>;
  /** For a whole request with its repetitions, in milliseconds; by default two minutes. */
  readonly timeoutMs?: number;
  /** How requests are made; by default over connections to the public network. */
  readonly fetch?: Fetch;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface WebRequest {
  readonly url: string;
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Never credentials: those are the client's, and go to their host alone. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Blob;
  /** Whether it only asks: then it may be repeated, and its answer kept. By default those without a body. */
  readonly isRead?: boolean;
  /** How long a kept answer is given without asking again, in milliseconds; by default five minutes. */
  readonly freshMs?: number;
  /** Whether an answer can be what was asked for. One that cannot is given, but neither kept nor put in the place of one that was. */
  readonly isUsable?: (answer: Pick<WebAnswer, "headers" | "body">) => boolean;
  /** Longer bodies are refused; by default 16 MiB. */
  readonly maxBytes?: number;
  /** Whether redirects to other hosts are followed (the default) or told as `web/redirected`: somebody was asked about this host only. */
  readonly redirects?: "follow" | "same_host";
  /** For the whole request with its repetitions, in milliseconds; by default the client's. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** A successful answer (2xx). */
export interface WebAnswer {
  /** Of what was read in the end, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** When the service said so. */
  readonly at: Date;
  /** `stale`: kept, too old, and the service could not be asked. */
  readonly source: "network" | "cache" | "stale";
}

const FRESH_MS = 5 * 60_000;
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 120_000;
const REDIRECTS = 5;
const USER_AGENT = "ml-intern";

/** The one way to the web: polite, patient within limits, and with a memory. */
export class WebClient {
  readonly #options: WebClientOptions;
  readonly #cache: AnswerCache | null;
  readonly #gates: HostGates;
  readonly #now: () => number;
  readonly #onAnswer: (answer: WebAnswer) => void;

  constructor(
    options: WebClientOptions,
    watching?: { readonly of: WebClient; readonly onAnswer: (answer: WebAnswer) => void },
  ) {
    const { cache, manners, now = Date.now } = options;
    this.#options = options;
    this.#cache = watching ? watching.of.#cache : cache && new AnswerCache(cache.folder, cache);
    this.#gates = watching ? watching.of.#gates : new HostGates(manners, now);
    this.#now = now;
    this.#onAnswer = watching?.onAnswer ?? (() => undefined);
  }

  /** The same client, which tells of each answer that it gives: how old is what a caller made of several answers? */
  watched(onAnswer: (answer: WebAnswer) => void): WebClient {
    return new WebClient(this.#options, { of: this, onAnswer });
  }

  get isOffline(): boolean {
    return this.#options.offline === true;
  }

  /**
   * Asks, and resolves with a whole successful answer. Throws a {@link WebError} for everything else, with what the service
   * said; the signal's reason when it aborts.
   */
  async request(request: WebRequest): Promise<WebAnswer> {
    const answer = await this.#answer(request);
    this.#onAnswer(answer);
    return answer;
  }

  async #answer(request: WebRequest): Promise<WebAnswer> {
    // What is kept is given at once, however often somebody asks.
    request.signal.throwIfAborted();
    const isRead = request.isRead ?? request.body === undefined;
    if (!isRead || this.#cache === null || request.body instanceof Blob)
      return await this.#ask(request, null);
    const key = this.#keyOf(request);
    const kept = await this.#cache.read(key);
    if (kept !== null && (this.isOffline || this.#now() - kept.at < (request.freshMs ?? FRESH_MS))) {
      return answerOf(kept, "cache");
    }
    try {
      const answer = await this.#ask(request, kept);
      if (request.isUsable?.(answer) === false) return answer;
      const { url, status, headers, body, at } = answer;
      await this.#cache.write(key, {
        url,
        status,
        headers: Object.fromEntries(headers),
        at: at.getTime(),
        body,
      });
      return answer;
    } catch (error) {
      if (kept === null || !isPassing(error)) throw error;
      return answerOf(kept, "stale");
    }
  }

  /**
   * Asks, and gives the answer as it arrives, successful or not, after redirects and repetitions. Its body has to be read
   * or cancelled. For downloads; `request` is for everything else.
   */
  async open(
    request: WebRequest,
  ): Promise<{ readonly url: string; readonly response: Response; readonly done: Disposable }> {
    const { signal, isRead = request.body === undefined, timeoutMs = Number.POSITIVE_INFINITY } = request;
    const { random = Math.random } = this.#options;
    const end = this.#now() + timeoutMs;
    for (let attempt = 0; ; attempt++) {
      let failure: unknown = null;
      let answer: Awaited<ReturnType<WebClient["open"]>> | null = null;
      try {
        answer = await this.#follow(request);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof WebError && error.code !== "web/unreachable") throw error;
        failure = error;
      }
      const wish = retryWait({ answer: answer?.response ?? null, attempt, now: this.#now(), random });
      // A pause that there is no time for is told of, not begun.
      const wait = wish === null || this.#now() + wish > end ? null : wish;
      // What may have had an effect is not done again, unless the service says that it did nothing.
      const isRepeatable = isRead || answer?.response.status === 429;
      if (answer !== null && (answer.response.ok || wait === null || !isRepeatable)) return answer;
      if (wait === null || !isRepeatable) throw failure;
      await answer?.response.body?.cancel();
      answer?.done[Symbol.dispose]();
      await sleep(wait, undefined, { signal });
    }
  }

  /** Waits before something that broke off is taken up again; false when it has been tried often enough. `attempt` is from 0. */
  async pause(attempt: number, signal: AbortSignal): Promise<boolean> {
    const { random = Math.random } = this.#options;
    const wait = retryWait({ answer: null, attempt, now: this.#now(), random });
    if (wait !== null) await sleep(wait, undefined, { signal });
    return wait !== null;
  }

  async #ask(request: WebRequest, kept: KeptAnswer | null): Promise<WebAnswer> {
    if (this.isOffline) throw offline(request.url);
    const { timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS, maxBytes = MAX_BYTES } = request;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([request.signal, timeout]);
    try {
      const headers = { ...request.headers, ...(kept && validators(kept)) };
      const { url, response, done } = await this.open({ ...request, headers, timeoutMs, signal });
      using _done = done;
      if (kept !== null && response.status === 304) {
        await response.body?.cancel();
        return { ...answerOf(kept, "network"), at: new Date(this.#now()) };
      }
      if (!response.ok) throw await errorOf(response, { url, now: this.#now() });
      const body = await readBody(response, { url, maxBytes, signal });
      return {
        url,
        status: response.status,
        headers: response.headers,
        body,
        at: new Date(this.#now()),
        source: "network",
      };
    } catch (error) {
      request.signal.throwIfAborted();
      if (timeout.aborted) throw timedOut(request.url, timeoutMs);
      throw error;
    }
  }

  async #follow(request: WebRequest): ReturnType<WebClient["open"]> {
    const { hosts = {}, credentials = {}, fetch = publicFetch(hosts) } = this.#options;
    const { signal } = request;
    let { method = "GET", body } = request;
    let url = checkUrl(request.url, hosts);
    for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
      const done = await this.#gates.enter(url.host, signal);
      try {
        const headers = { "user-agent": USER_AGENT, ...request.headers, ...credentialsFor(url, credentials) };
        const init = {
          method,
          headers,
          redirect: "manual",
          signal,
          ...(body !== undefined && { body }),
        } as const;
        const response = await fetch(url.href, init);
        const location = response.headers.get("location");
        if (response.status < 301 || response.status > 308 || response.status === 304 || location === null) {
          return { url: url.href, response, done };
        }
        await response.body?.cancel();
        done[Symbol.dispose]();
        const next = checkUrl(
          URL.canParse(location, url.href) ? new URL(location, url.href).href : location,
          hosts,
        );
        if (response.status === 303 || (response.status < 303 && method === "POST")) {
          method = "GET";
          body = undefined;
        }
        // What is sent to one host is not meant for another.
        if (body !== undefined && next.host !== url.host) throw leads(url.href, next.host);
        if (request.redirects === "same_host" && bare(next) !== bare(url))
          throw redirected(url.href, next.href);
        url = next;
      } catch (error) {
        done[Symbol.dispose]();
        signal.throwIfAborted();
        throw error instanceof WebError ? error : unreachable(url, error);
      }
    }
    throw new WebError("web/too_many_redirects", `${request.url} redirects more than ${REDIRECTS} times.`, {
      url: request.url,
      mend: "Look for the address that it leads to, or use another source.",
    });
  }

  /** Answers that somebody's credentials opened are theirs alone. */
  #keyOf({ url, method = "GET", headers = {}, body, redirects }: WebRequest): string {
    const { credentials = {}, hosts = {} } = this.#options;
    const own = credentialsFor(checkUrl(url, hosts), credentials);
    // Answers to a Blob are not kept.
    const text = body instanceof Uint8Array ? Buffer.from(body).toString("base64") : body;
    // Where somebody was asked about one host, an answer of another is no answer.
    return JSON.stringify([method, url, headers, text, own, redirects === "same_host"]);
  }
}

function answerOf({ url, status, headers, body, at }: KeptAnswer, source: WebAnswer["source"]): WebAnswer {
  return { url, status, headers: new Headers(headers), body, at: new Date(at), source };
}

function validators({ headers }: KeptAnswer): Record<string, string> {
  const { etag, "last-modified": modified } = headers;
  return { ...(etag && { "if-none-match": etag }), ...(modified && { "if-modified-since": modified }) };
}

/** Whether an old answer is better than none: the service is away, not of another opinion. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof WebError)) return false;
  const { code } = error;
  return (
    code === "web/unreachable" ||
    code === "web/timeout" ||
    code === "web/rate_limited" ||
    code === "web/server" ||
    code === "web/offline"
  );
}

export function offline(url: string): WebError {
  return new WebError("web/offline", `${url} was not read before, and no network is wanted.`, {
    url,
    mend: "Leave ML_INTERN_OFFLINE, and `web.offline` in intern.yaml, unset to ask the service.",
  });
}

function timedOut(url: string, ms: number): WebError {
  return new WebError("web/timeout", `${url} did not answer whole within ${Math.round(ms / 1000)} s.`, {
    url,
    mend: "Try again later, or use another source.",
  });
}

/** With and without `www.` it is the same host. */
function bare({ host }: URL): string {
  return host.replace(/^www\./, "");
}

function redirected(url: string, target: string): WebError {
  return new WebError("web/redirected", `${url} leads to ${target}, which is another host.`, {
    url: target,
    mend: "Ask for that address itself if it is what you want.",
  });
}

function leads(url: string, host: string): WebError {
  return new WebError("web/refused_host", `${url} wants what was sent to it sent to ${host}.`, {
    url,
    mend: "Use the address of the service itself.",
  });
}
