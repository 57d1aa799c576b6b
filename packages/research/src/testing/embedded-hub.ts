import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHub, serveHub } from "@ml-intern/hub";
import { WebClient, type WebClientOptions } from "../http/web-client.ts";
import { type Hub, hubAccess, openHub } from "../hub/hub.ts";

export interface EmbeddedHub extends AsyncDisposable {
  readonly url: string;
  /** A folder of the test's own, removed with the hub. */
  readonly folder: string;
  /** The hub through a client: with the right token unless another one is given. */
  open(options?: Partial<WebClientOptions> & { readonly token?: string | null; readonly url?: string }): Hub;
  /** Stops the server; what it holds stays. */
  stop(): Promise<void>;
}

export const TOKEN = "hf_embedded_secret";

/** The real embedded hub on loopback, where `me` may write, to these namespaces too. */
export async function embeddedHub({
  orgs = [],
}: {
  readonly orgs?: readonly string[];
} = {}): Promise<EmbeddedHub> {
  const folder = await mkdtemp(join(tmpdir(), "research-hub-"));
  const tokens = { [TOKEN]: { user: "me", orgs }, hf_other: { user: "other" } };
  const server = await serveHub({ app: createHub({ root: join(folder, "hub"), tokens }) });
  return {
    url: server.url,
    folder,
    open({ token = TOKEN, url = server.url, ...options } = {}) {
      const { credentials, ownServers } = hubAccess({ url, token });
      const hosts = { ownServers: [...ownServers, ...(options.hosts?.ownServers ?? [])] };
      // With this, what is tried again is tried at once.
      const random = (): number => -0.5;
      return openHub(new WebClient({ cache: null, credentials, random, ...options, hosts }), url);
    },
    stop: () => server.close(),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
