/** What an engine asks of `fetch`: less than the whole of it, so that something faster than the standard one fits as well. */
export type UpstreamFetch = (url: string, init: UpstreamInit) => Promise<UpstreamAnswer>;

export interface UpstreamInit {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Fails when the connection breaks. Leaving it before its end ends the connection. */
  readonly body: AsyncIterable<Uint8Array> | null;
}
