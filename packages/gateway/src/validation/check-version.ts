import type { InputBlock, InputMessage } from "@ml-intern/messages";
import type { Check } from "./check.ts";

const DEFAULT_VERSION = "2023-06-01";
/** From this version on, sampling is the model's business, and documents and citations have fewer places. */
const STRICT_VERSION = "2026-10-21";

/** What the `anthropic-version` header rules out. No header counts as `2023-06-01`; later dates follow the latest rules known here. */
export const checkVersion: Check = (request, headers) => {
  const date = headers.get("anthropic-version") ?? DEFAULT_VERSION;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    return `anthropic-version: "${date.slice(0, 64)}" is not a valid version`;
  }
  if (date < STRICT_VERSION) return null;
  for (const field of ["temperature", "top_p", "top_k"] as const) {
    if (request[field] !== undefined) return `${field}: Extra inputs are not permitted`;
  }
  for (const [index, { role, content }] of request.messages.entries()) {
    if (typeof content === "string") continue;
    const fault = faultInBlocks(content, { role, path: `messages.${index}.content` });
    if (fault) return fault;
  }
  return null;
};

interface Place {
  readonly role: InputMessage["role"];
  readonly path: string;
}

function faultInBlocks(blocks: readonly InputBlock[], { role, path }: Place): string | null {
  for (const [at, block] of blocks.entries()) {
    if (role === "assistant" && block.type === "document") {
      return `${path}.${at}: \`document\` blocks are not allowed in \`assistant\` messages`;
    }
    const cited = role === "user" && citedText(block, `${path}.${at}`);
    if (cited) return `${cited}.citations: Extra inputs are not permitted`;
  }
  return null;
}

/** Where a user's text carries citations: in a block itself, or within a tool's result or a search result. */
function citedText(block: object, path: string): string | null {
  if (!("type" in block)) return null;
  if (block.type === "text") {
    const cites = "citations" in block && Array.isArray(block.citations) && block.citations.length > 0;
    return cites ? path : null;
  }
  const isHolder = block.type === "tool_result" || block.type === "search_result";
  if (!isHolder || !("content" in block) || !Array.isArray(block.content)) return null;
  for (const [at, part] of (block.content as readonly object[]).entries()) {
    const found = citedText(part, `${path}.content.${at}`);
    if (found) return found;
  }
  return null;
}
