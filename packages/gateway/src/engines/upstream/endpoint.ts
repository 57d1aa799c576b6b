import type { UpstreamFetch } from "./upstream-fetch.ts";

/** A server that an engine asks. */
export interface Endpoint {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for the first byte and between two pieces. */
  readonly silenceMs: number;
  readonly fetch: UpstreamFetch;
}

/** Below Node's own limit of 300 s, so that the failure is ours to explain. */
export const DEFAULT_SILENCE_MS = 280_000;

export function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
