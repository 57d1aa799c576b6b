import { describeFailure } from "../failures/tool-failure.ts";
import { McpConnection } from "./mcp-connection.ts";
import type { McpServerSettings, McpSettings } from "./mcp-settings.ts";
import { createMcpTool, type McpTool } from "./mcp-tool.ts";
import { type ListedTool, usableTool } from "./usable-tool.ts";

/** Why a server, or one of its tools, is not offered. */
export interface McpProblem {
  readonly server: string;
  readonly message: string;
  readonly mend: string;
}

export interface McpServers extends AsyncDisposable {
  /**
   * In the order of servers' and tools' names, and the same until the end: they are part of every request's prefix. A
   * tool that its server takes back answers with a failure; one that it adds is there in the next session.
   */
  readonly tools: readonly McpTool[];
  readonly problems: readonly McpProblem[];
}

export interface OpenMcpServersOptions {
  /** Where PATH, HOME and LANG are taken from; servers see nothing else of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the start. Running servers end with the disposal of the result. */
  readonly signal: AbortSignal;
}

/** Of one server: what a model reads with each request. */
const MOST_TOOLS = 100;
const MOST_CHARACTERS = 100_000;

/**
 * Starts or reaches all servers at once and lists their tools. A server that cannot be had is a problem, not an error:
 * this rejects only when `signal` aborts.
 */
export async function openMcpServers(
  { servers }: McpSettings,
  { env, signal }: OpenMcpServersOptions,
): Promise<McpServers> {
  const connections = servers.map((settings) => new McpConnection(settings, env));
  const close = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
  };
  try {
    const offers = await Promise.all(
      connections.map((connection, index) =>
        offerOf(connection, servers[index] as McpServerSettings, signal),
      ),
    );
    return {
      tools: offers.flatMap(({ tools }) => tools),
      problems: offers.flatMap(({ problems }) => problems),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Offer {
  readonly tools: readonly McpTool[];
  readonly problems: readonly McpProblem[];
}

async function offerOf(
  connection: McpConnection,
  settings: McpServerSettings,
  signal: AbortSignal,
): Promise<Offer> {
  const { name: server, tools: wanted, trusted } = settings;
  let listing: readonly unknown[];
  try {
    listing = await connection.listTools(signal);
  } catch (error) {
    signal.throwIfAborted();
    return {
      tools: [],
      problems: [{ server, message: describeFailure(error).message, mend: mendOf(settings) }],
    };
  }
  const problems: McpProblem[] = [];
  const leaveOut = (what: string, mend: string): void => {
    problems.push({
      server,
      message: `The MCP server ${server} offers ${connection.hideSecrets(what)}. It is left out.`,
      mend,
    });
  };
  const offered = new Map<string, ListedTool>();
  for (const value of listing) {
    const tool = usableTool(value);
    if ("refusal" in tool) leaveOut(tool.refusal, "The rest of the server can be used.");
    else if (wanted !== null && !wanted.includes(tool.name)) continue;
    else if (offered.has(tool.name))
      leaveOut(`the tool ${JSON.stringify(tool.name)} twice`, "The first of them can be used.");
    else offered.set(tool.name, tool);
  }
  const missing = (wanted ?? []).filter((name) => !offered.has(name));
  for (const name of missing) {
    const message = `The MCP server ${server} does not offer the tool \`${name}\`, which the configuration asks for.`;
    problems.push({ server, message, mend: `Correct \`mcp.servers.${server}.tools\`.` });
  }
  const inOrder = [...offered.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const taken = inOrder.slice(0, fitting(inOrder));
  for (const { name } of inOrder.slice(taken.length, taken.length + 1)) {
    const rest = inOrder.length - taken.length;
    leaveOut(
      `more than a prompt should hold: ${rest} tools, from ${JSON.stringify(name)} on`,
      `Choose with \`mcp.servers.${server}.tools\`.`,
    );
  }
  const tools = taken.map((tool) => createMcpTool(tool, { connection, trusted }));
  return { tools, problems };
}

/** How many of the tools every prompt can carry. */
function fitting(tools: readonly ListedTool[]): number {
  let characters = 0;
  const end = tools.findIndex((tool) => {
    characters += JSON.stringify(tool).length;
    return characters > MOST_CHARACTERS;
  });
  return Math.min(end === -1 ? tools.length : end, MOST_TOOLS);
}

function mendOf({ name, kind }: McpServerSettings): string {
  const setting = `mcp.servers.${name}`;
  return kind === "stdio"
    ? `Try the \`command\` of \`${setting}\` by hand; the server sees only PATH, HOME, LANG and its \`env\`.`
    : `Look at \`url\` and \`headers\` of \`${setting}\`, and whether the server runs.`;
}
