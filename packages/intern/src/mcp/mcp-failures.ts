import type { McpError } from "@modelcontextprotocol/sdk/types.js";
import type { z } from "zod";
import { ToolFailure } from "../failures/tool-failure.ts";
import { plainText } from "./plain-text.ts";

/** What a server's failures are to the model: the cause, and what to do about it. */
export interface McpFailures {
  down(cause: string, mend: string): ToolFailure;
  lost(cause: string): ToolFailure;
  slow(ms: number): ToolFailure;
  /** The server answered with an error of the protocol. */
  refused(error: McpError): ToolFailure;
  nonsense(error: z.core.$ZodError): ToolFailure;
}

/** `hide` takes secrets out of what servers and systems say. */
export function mcpFailures(server: string, hide: (text: string) => string): McpFailures {
  const failure = (code: string, message: string, mend: string): ToolFailure =>
    new ToolFailure(code, plainText(hide(`The MCP server ${server} ${message}`)), mend);
  return {
    down: (cause, mend) => failure("mcp/down", `is not there: ${cause}.`, mend),
    lost: (cause) =>
      failure(
        "mcp/lost",
        `was lost during this call: ${cause}.`,
        "Whether the call had its effect is not known: look before you repeat it. The server is started again at a later call.",
      ),
    slow: (ms) =>
      failure(
        "mcp/timeout",
        `did not answer within ${Number((ms / 1000).toPrecision(2))} s; the call was cancelled.`,
        "Ask for less at once, or go on without it.",
      ),
    refused({ code, message }) {
      const words = message.replace(/^MCP error -?\d+: /, "").slice(0, 500);
      return failure(
        "mcp/refused",
        `refused the call (${code}): ${words}`,
        "Mend the arguments by the tool's schema, or go on without it.",
      );
    },
    nonsense(error) {
      const path = error.issues[0]?.path.map(String).join(".") ?? "";
      return failure(
        "mcp/nonsense",
        `answered with something that is no result (at \`${path}\`).`,
        "It is the server's fault, not that of the arguments. Go on without it.",
      );
    },
  };
}
