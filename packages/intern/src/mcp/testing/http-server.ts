import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

export interface TestHttpServer extends AsyncDisposable {
  readonly url: string;
  /** The headers of every request, oldest first. */
  readonly requests: readonly IncomingMessage["headers"][];
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Listens on loopback; `port` 0 is any free one. */
export async function listen(handler: HttpHandler, port = 0): Promise<TestHttpServer> {
  const requests: IncomingMessage["headers"][] = [];
  const http = createServer((request, response) => {
    requests.push(request.headers);
    handler(request, response).catch(() => response.destroy());
  });
  http.listen(port, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    requests,
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      await once(http, "close");
    },
  };
}

function protocolServer(cut: () => void): Server {
  const server = new Server({ name: "test", version: "1" }, { capabilities: { tools: {} } });
  const names = ["echo", "huge", "cut"];
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: names.map((name) => ({ name, inputSchema: { type: "object" as const } })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    if (params.name === "cut") cut();
    const text = params.name === "huge" ? "x".repeat(100_000_000) : String(params.arguments?.text);
    return { content: [{ type: "text", text }] };
  });
  return server;
}

/** Streamable HTTP, with sessions; answers are event streams, or JSON. `cut` breaks all connections off. */
export async function streamableServer({
  json = false,
  port = 0,
}: {
  readonly json?: boolean;
  readonly port?: number;
} = {}): Promise<TestHttpServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const open = new Set<ServerResponse>();
  const cut = (): void => open.forEach((response) => void response.destroy());
  return listen(async (request, response) => {
    open.add(response);
    const id = request.headers["mcp-session-id"];
    let transport = sessions.get(String(id));
    if (transport === undefined && id !== undefined) {
      response.writeHead(404).end();
      return;
    }
    if (transport === undefined) {
      const created = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        enableJsonResponse: json,
        onsessioninitialized: (session) => void sessions.set(session, created),
      });
      await protocolServer(cut).connect(created as Parameters<Server["connect"]>[0]);
      transport = created;
    }
    await transport.handleRequest(request, response);
  }, port);
}

/** A server of before: one event stream, and messages posted beside it. */
export async function sseServer(): Promise<TestHttpServer> {
  const sessions = new Map<string, SSEServerTransport>();
  return listen(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://server.test");
    if (request.method === "GET") {
      const transport = new SSEServerTransport("/messages", response);
      sessions.set(transport.sessionId, transport);
      await protocolServer(() => response.destroy()).connect(transport);
    } else if (pathname === "/messages") {
      await sessions.get(searchParams.get("sessionId") ?? "")?.handlePostMessage(request, response);
    } else {
      response.writeHead(405).end();
    }
  });
}
