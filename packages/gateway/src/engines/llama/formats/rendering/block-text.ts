import type { DocumentBlock, InputBlock, ToolResultBlock, ToolResultContent } from "@ml-intern/messages";
import { invalidRequest } from "../../../../gateway-error.ts";

/**
 * A block as text. `path` is where it stands in the body. Throws `invalid_request` for pictures and other files:
 * embedded models read text only.
 */
export function blockText(block: InputBlock | ToolResultContent, path: string): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "search_result":
      return [`${block.title} (${block.source})`, ...block.content.map((part) => part.text)].join("\n\n");
    case "document":
      return documentText(block, path);
    case "tool_reference":
      return `The tool ${block.tool_name} is now available.`;
    case "image":
      throw invalidRequest(`${path}: this model reads text only; images cannot be sent to it`);
    default:
      throw invalidRequest(`${path}: \`${block.type}\` blocks cannot be sent to an embedded model`);
  }
}

export function resultText({ content = [], is_error: isError }: ToolResultBlock, path: string): string {
  const text =
    typeof content === "string"
      ? content
      : content.map((part, at) => blockText(part, `${path}.content.${at}`)).join("\n\n");
  return isError ? `Error: ${text}` : text;
}

function documentText({ title, source }: DocumentBlock, path: string): string {
  const heading = title ? `# ${title}\n\n` : "";
  switch (source.type) {
    case "text":
      return heading + source.data;
    case "content": {
      const { content } = source;
      if (typeof content === "string") return heading + content;
      return heading + content.map((part) => blockText(part, `${path}.source.content`)).join("\n\n");
    }
    case "base64":
      if (source.media_type.startsWith("text/")) {
        return heading + Buffer.from(source.data, "base64").toString("utf8");
      }
      break;
    case "url":
      break;
    default:
      source satisfies never;
  }
  const kind = source.type === "base64" ? source.media_type : "linked";
  throw invalidRequest(
    `${path}.source: ${kind} documents cannot be sent to an embedded model; send the document's text`,
  );
}
