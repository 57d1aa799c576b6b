import { flag, httpUrl, section, wholeNumber } from "@ml-intern/gateway/settings";
import { z } from "zod";
import { headerValue } from "../configuration/header-value.ts";

/** One MCP server as the configuration describes it. */
export type McpServerSettings = StdioServerSettings | HttpServerSettings;

interface CommonServerSettings {
  readonly name: string;
  /** Names of the tools that are offered; null for all. */
  readonly tools: readonly string[] | null;
  /** What the server says of its own tools is believed: that they only read. */
  readonly trusted: boolean;
  readonly startMs: number;
  readonly callMs: number;
}

export interface StdioServerSettings extends CommonServerSettings {
  readonly kind: "stdio";
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
}

export interface HttpServerSettings extends CommonServerSettings {
  readonly kind: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface McpSettings {
  /** In the order of their names. */
  readonly servers: readonly McpServerSettings[];
}

/** No `__` and no underscore at an end: in `mcp__<server>__<tool>` it is clear where the server's name stops. */
const serverName = z
  .string()
  .max(24)
  .regex(/^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$/, {
    error:
      "Use letters and digits, with single dashes or underscores between them, and at most 24 characters.",
  });

/** `PORT: 8080` is meant as text, too. */
const text = z.preprocess(
  (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
  z.string(),
);

const seconds = wholeNumber({ least: 1, most: 3600 }).optional();

const serverSchema = section({
  command: z.string().min(1).optional(),
  args: z.array(text).optional(),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: "Name an environment variable." }), text)
    .optional(),
  cwd: z.string().min(1).optional(),
  url: httpUrl().optional(),
  headers: z.record(z.string().min(1), headerValue()).optional(),
  tools: z.array(z.string().min(1)).optional(),
  trusted: flag().optional(),
  startSeconds: seconds,
  callSeconds: seconds,
}).superRefine((server, context) => {
  const { command, url } = server;
  const refuse = (key: string, message: string, mend: string): void =>
    context.addIssue({ code: "custom", path: [key], message, params: { mend, atKey: true } });
  if (command === undefined && url === undefined)
    refuse("command", "is missing", "Give the `command` that starts the server, or its `url`.");
  if (command !== undefined && url !== undefined)
    refuse("url", "stands beside a `command`", "A server is started or reached: take one of them out.");
  const foreign = command === undefined ? (["args", "env", "cwd"] as const) : (["headers"] as const);
  for (const key of foreign) {
    if (server[key] === undefined || (command === undefined) === (url === undefined)) continue;
    const owner = command === undefined ? "command" : "url";
    refuse(key, `belongs to servers with a \`${owner}\``, "Take it out.");
  }
});

const schema = section({ servers: z.record(serverName, serverSchema).optional() });

/** The section `mcp` of the configuration. */
export const mcpSchema: z.ZodType<McpSettings> = schema.transform(({ servers = {} }) => ({
  servers: Object.entries(servers)
    .map(([name, server]) => toServer(name, server))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
}));

export const NO_MCP: McpSettings = { servers: [] };

function toServer(name: string, server: z.infer<typeof serverSchema>): McpServerSettings {
  const { command, args = [], env = {}, cwd = null, url = "", headers = {} } = server;
  const common = {
    name,
    tools: server.tools ?? null,
    trusted: server.trusted ?? false,
    startMs: (server.startSeconds ?? 30) * 1000,
    callMs: (server.callSeconds ?? 300) * 1000,
  };
  return command === undefined
    ? { kind: "http", ...common, url, headers }
    : { kind: "stdio", ...common, command, args, env, cwd };
}
