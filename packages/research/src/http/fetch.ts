import { Agent, fetch as undiciFetch } from "undici";
import type { HostPolicy } from "./host-policy.ts";
import { publicLookup } from "./public-address.ts";

/** The part of the standard's `fetch` that is used here. Redirects are answers like any other. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array | Blob;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
) => Promise<Response>;

const SECONDS = 1000;

/** How long a service may take to accept a connection, to begin its answer, and between two pieces of it. */
const limits = { connectTimeout: 10 * SECONDS, headersTimeout: 30 * SECONDS, bodyTimeout: 20 * SECONDS };

const publicNetwork = new Agent({
  ...limits,
  connect: { lookup: publicLookup, timeout: limits.connectTimeout },
});
const thisMachine = new Agent(limits);

/** Makes requests to the public network only, and to the person's own servers. */
export function publicFetch({ ownServers = [] }: HostPolicy): Fetch {
  return async (url, init) => {
    const dispatcher = ownServers.includes(new URL(url).host) ? thisMachine : publicNetwork;
    // The same class in all but name: undici's own copy of it.
    return (await undiciFetch(url, { ...init, dispatcher })) as unknown as Response;
  };
}
