/** Resumes a session as `ml-intern resume` does, up to its first request, and tells how long that takes: HOME SESSION. */
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { work } from "../../intern.ts";
import { Session } from "../../session/session-store.ts";

export interface Resumed {
  /** Milliseconds until the session was open, and until its first request was about to leave. */
  readonly open: number;
  readonly ready: number;
  readonly requestBytes: number;
  readonly rss: number;
}

const [home = "", id = ""] = process.argv.slice(2);
const controller = new AbortController();
// It says what the model holds, and counts tokens.
const gateway = gatewayFetch(createGateway({ engines: { scripted: scriptedEngine([]) } }));
let ready: { readonly at: number; readonly bytes: number } | null = null;
const client = new Anthropic({
  apiKey: "test",
  baseURL: "http://gateway.test",
  maxRetries: 0,
  fetch: async (url, init) => {
    if (!String(url).endsWith("/v1/messages")) return gateway(url, init);
    ready ??= { at: performance.now(), bytes: String(init?.body).length };
    controller.abort();
    throw new Error("stopped");
  },
});
const begun = performance.now();
await using session = await Session.open(home, id);
const opened = performance.now();
await work(session, { home, env: {}, client, approve: null, signal: controller.signal });
if (ready === null) throw new Error("no request was made");
const { at, bytes } = ready as { at: number; bytes: number };
const resumed: Resumed = {
  open: opened - begun,
  ready: at - begun,
  requestBytes: bytes,
  rss: process.memoryUsage.rss(),
};
process.send?.(resumed);
