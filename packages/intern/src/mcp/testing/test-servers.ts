import { nodeArguments } from "@ml-intern/testkit";
import type { HttpServerSettings, StdioServerSettings } from "../mcp-settings.ts";

const script = new URL("./stdio-server.ts", import.meta.url);

/** Settings that start `stdio-server.ts` in the given modes. */
export function stdioServer(
  name: string,
  modes: readonly string[] = [],
  more: Partial<StdioServerSettings> = {},
): StdioServerSettings {
  return {
    kind: "stdio",
    name,
    command: process.execPath,
    args: [...nodeArguments(script), ...modes],
    env: {},
    cwd: null,
    tools: null,
    trusted: false,
    startMs: 30_000,
    callMs: 30_000,
    ...more,
  };
}

export function httpServer(
  name: string,
  url: string,
  more: Partial<HttpServerSettings> = {},
): HttpServerSettings {
  const common = { tools: null, trusted: false, startMs: 10_000, callMs: 10_000 };
  return { kind: "http", name, url, headers: {}, ...common, ...more };
}
