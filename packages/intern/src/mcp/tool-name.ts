import { createHash } from "node:crypto";

const LONGEST = 64;

/**
 * The name under which the model knows a server's tool: `mcp__<server>__<tool>`, of letters, digits, dashes and
 * underscores, at most 64. It depends on the two names alone, so that it stays when other servers come and go. Since no
 * server's name holds `__`, tools of two servers never share one.
 */
export function mcpToolName(server: string, tool: string): string {
  const plain = `mcp__${server}__${tool}`;
  if (/^[\w-]+$/.test(plain) && plain.length <= LONGEST) return plain;
  const digest = createHash("sha256").update(tool).digest("hex").slice(0, 8);
  return `${plain.replace(/[^\w-]/g, "_").slice(0, LONGEST - digest.length - 1)}_${digest}`;
}
