import { writeWorkspaceFile } from "@ml-intern/lab";
import { z } from "zod";
import type { ToolContext } from "../tools/define-tool.ts";
import type { McpResult } from "./mcp-connection.ts";

type Block = McpResult["content"][number];

/** The parts of a block that matter here; what a server leaves out is undefined. */
const parts = z.looseObject({
  text: z.string().optional().catch(undefined),
  data: z.string().optional().catch(undefined),
  mimeType: z.string().optional().catch(undefined),
  uri: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  resource: z
    .looseObject({
      uri: z.string().optional().catch(undefined),
      text: z.string().optional().catch(undefined),
      blob: z.string().optional().catch(undefined),
      mimeType: z.string().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/**
 * A server's result as text: text as it is, links and embedded texts with their addresses, images and other bytes as
 * files in the workspace. Structured content stands in when there is nothing else.
 */
export async function describeResult(
  result: McpResult,
  context: Pick<ToolContext, "workbench" | "callId" | "signal">,
): Promise<string> {
  const described: string[] = [];
  for (const [index, block] of result.content.entries())
    described.push(await describeBlock(block, { ...context, index }));
  if (described.length > 0) return described.join("\n");
  return result.structuredContent === undefined ? "(no content)" : JSON.stringify(result.structuredContent);
}

interface BlockContext extends Pick<ToolContext, "workbench" | "callId" | "signal"> {
  readonly index: number;
}

async function describeBlock(block: Block, context: BlockContext): Promise<string> {
  const { text, data, mimeType, uri, name, resource } = parts.parse(block);
  switch (block.type) {
    case "text":
      return text ?? "";
    case "image":
    case "audio":
      return saved({ what: block.type, bytes: data, mimeType }, context);
    case "resource_link":
      return `[link ${uri ?? "without an address"}${name === undefined ? "" : ` (${name})`}]`;
    case "resource": {
      const address = resource?.uri ?? "without an address";
      if (resource?.text !== undefined) return `[resource ${address}]\n${resource.text}`;
      return saved(
        { what: `resource ${address}`, bytes: resource?.blob, mimeType: resource?.mimeType },
        context,
      );
    }
    default:
      return `[a block of the type ${block.type.slice(0, 40)}, which ml-intern does not know]`;
  }
}

async function saved(
  { what, bytes, mimeType = "" }: { what: string; bytes: string | undefined; mimeType: string | undefined },
  { workbench, callId, index, signal }: BlockContext,
): Promise<string> {
  if (bytes === undefined) return `[${what} without content]`;
  const content = Buffer.from(bytes, "base64");
  const path = `.output/${callId}-${index + 1}.${EXTENSIONS.get(mimeType) ?? "bin"}`;
  await writeWorkspaceFile({ sandbox: await workbench.sandbox("base", signal), path, content });
  return `[${what}, ${content.length} bytes, in ${path}]`;
}

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ["image/png", "png"],
  ["image/jpeg", "jpg"],
  ["image/gif", "gif"],
  ["image/webp", "webp"],
  ["image/svg+xml", "svg"],
  ["audio/wav", "wav"],
  ["audio/mpeg", "mp3"],
  ["application/pdf", "pdf"],
  ["application/json", "json"],
  ["text/csv", "csv"],
]);
