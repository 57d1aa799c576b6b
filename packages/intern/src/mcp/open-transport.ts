import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { boundedFetch } from "./bounded-fetch.ts";
import type { HttpServerSettings, McpServerSettings, StdioServerSettings } from "./mcp-settings.ts";
import { StdioTransport } from "./stdio-transport.ts";

export interface OpenedTransport {
  /** Starts the server, or reaches it, and greets it. `onLost` is told of breaks that the client would not notice. */
  connect(newClient: () => Client, onLost: (error: Error) => void): Promise<Client>;
  /** What is known of the server beside the error itself; may be empty. */
  describe(): string;
  /** May be called twice; never rejects. */
  close(): Promise<void>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Longer than any time limit of the caller's, who ends the waiting. */
const NO_TIMEOUT = { timeout: 2 ** 31 - 1 };

export function openTransport(settings: McpServerSettings, env: Variables): OpenedTransport {
  return settings.kind === "stdio" ? startServer(settings, env) : reachServer(settings);
}

/** The server sees where programs and the person's files lie, the language, and what the configuration gives it: no key of ours. */
function startServer(
  { command, args, cwd, env }: StdioServerSettings,
  variables: Variables,
): OpenedTransport {
  const { PATH, HOME, LANG } = variables;
  const own = Object.entries({ PATH, HOME, LANG }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const transport = new StdioTransport({ command, args, cwd, env: { ...Object.fromEntries(own), ...env } });
  return {
    async connect(newClient) {
      const client = newClient();
      await client.connect(asTransport(transport), NO_TIMEOUT);
      return client;
    },
    describe: () => transport.describe(),
    close: () => transport.close(),
  };
}

/** Streamable HTTP; a server that refuses it may be one of before, which spoke server-sent events. */
function reachServer({ url, headers }: HttpServerSettings): OpenedTransport {
  let current: Transport | null = null;
  return {
    async connect(newClient, onLost) {
      // Redirects to another origin are not followed: neither headers nor arguments go where nobody has sent them.
      const optionsFor = (answers: "posts" | "standing") => ({
        fetch: boundedFetch({ answers, onLost }),
        requestInit: { headers: { ...headers } },
      });
      const attempt = async (transport: Transport): Promise<Client> => {
        const client = newClient();
        current = transport;
        await client.connect(transport, NO_TIMEOUT);
        return client;
      };
      try {
        return await attempt(
          asTransport(new StreamableHTTPClientTransport(new URL(url), optionsFor("posts"))),
        );
      } catch (error) {
        if (!(error instanceof StreamableHTTPError) || !SPEAKS_SSE.has(error.code ?? 0)) throw error;
        return await attempt(new SSEClientTransport(new URL(url), optionsFor("standing"))).catch(() => {
          throw error; // the newer one's tells more
        });
      }
    },
    describe: () => "",
    close: async () => {
      const transport = current;
      current = null;
      if (transport === null) return;
      // What does not close is gone.
      if (transport instanceof StreamableHTTPClientTransport) {
        const told = transport.terminateSession().catch(() => undefined);
        await Promise.race([told, wait(FAREWELL_MS, undefined, { ref: false })]);
      }
      await transport.close().catch(() => undefined);
    },
  };
}

const FAREWELL_MS = 1_000;

/** How a server of before answers the greeting of today. */
const SPEAKS_SSE: ReadonlySet<number> = new Set([400, 404, 405]);

/** The interface leaves `sessionId` out where the classes have it undefined, which exact optional types tell apart. */
function asTransport(transport: StdioTransport | StreamableHTTPClientTransport): Transport {
  return transport as Transport;
}
