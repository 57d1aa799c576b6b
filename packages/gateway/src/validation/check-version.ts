import type { CheckedRequest } from "./check.ts";
import { contentBlocks } from "./turns.ts";

const DEFAULT_VERSION = "2023-06-01";
/** From this version on, sampling is the model's business, and documents and citations have fewer places. */
const STRICT_VERSION = "2026-10-21";

/** What the `anthropic-version` header rules out. No header counts as `2023-06-01`; later dates follow the latest rules known here. */
export function checkVersion(request: CheckedRequest, version: string | null): string | null {
  const date = version ?? DEFAULT_VERSION;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return `anthropic-version: "${date}" is not a valid version`;
  if (date < STRICT_VERSION) return null;
  for (const field of ["temperature", "top_p", "top_k"] as const) {
    if (request[field] !== undefined) return `${field}: Extra inputs are not permitted`;
  }
  for (const [index, { role, content }] of request.messages.entries()) {
    for (const [at, block] of contentBlocks(content).entries()) {
      const path = `messages.${index}.content.${at}`;
      if (role === "assistant" && block.type === "document") {
        return `${path}: \`document\` blocks are not allowed in \`assistant\` messages`;
      }
      if (role === "user" && block.type === "text" && block.citations && block.citations.length > 0) {
        return `${path}.citations: Extra inputs are not permitted`;
      }
    }
  }
  return null;
}
