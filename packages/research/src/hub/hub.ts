import type { Credentials } from "../http/credentials.ts";
import type { WebClient } from "../http/web-client.ts";

/** A hub that a person configured: huggingface.co, or the embedded one. */
export interface HubEndpoint {
  readonly url: string;
  readonly token: string | null;
}

/** A hub to ask. Its token is among the credentials of `web`, which sends it to that hub and nowhere else. */
export interface Hub {
  readonly web: WebClient;
  /** Without a slash at its end. */
  readonly url: string;
  /** The service that has looked into the hub's data sets; null where there is none. */
  readonly viewerUrl: string | null;
}

export const HUGGING_FACE = "https://huggingface.co";
const VIEWER = "https://datasets-server.huggingface.co";

/** What a `WebClient` has to be given to ask this hub: its credentials, and that it is the person's own where it is not public. */
export function hubAccess({ url, token }: HubEndpoint): {
  readonly credentials: Credentials;
  readonly ownServers: readonly string[];
} {
  const { protocol, host } = new URL(url);
  const header = token === null ? null : { authorization: `Bearer ${token}` };
  const hosts = isHuggingFace(url) ? [host, new URL(VIEWER).host] : [host];
  return {
    credentials: header === null ? {} : Object.fromEntries(hosts.map((each) => [each, header])),
    ownServers: protocol === "http:" ? [host] : [],
  };
}

/** The hub at `url`, asked through a client that was made with its {@link hubAccess}. */
export function openHub(web: WebClient, url: string): Hub {
  return { web, url: url.replace(/\/+$/, ""), viewerUrl: isHuggingFace(url) ? VIEWER : null };
}

function isHuggingFace(url: string): boolean {
  return new URL(url).host === new URL(HUGGING_FACE).host;
}
