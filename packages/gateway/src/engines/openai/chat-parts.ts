import type { DocumentBlock, ImageBlock, InputBlock, ToolResultContent } from "@ml-intern/messages";
import { invalidRequest } from "../../gateway-error.ts";
import type { ChatPart } from "./chat-types.ts";

export interface ChatPartsOptions {
  /** Where the block stands in the body, for the message when it cannot be sent. */
  readonly path: string;
  /** Send PDFs as `file` parts. Default false: they are refused. */
  readonly sendsFiles?: boolean;
}

/** A block as text, pictures and files. Throws `invalid_request` for what cannot be said with these. */
export function chatParts(
  block: InputBlock | ToolResultContent,
  { path, sendsFiles = false }: ChatPartsOptions,
): readonly ChatPart[] {
  switch (block.type) {
    case "text":
      return [text(block.text)];
    case "image":
      return [{ type: "image_url", image_url: { url: imageUrl(block) } }];
    case "document":
      return documentParts(block, { path, sendsFiles });
    case "search_result":
      return [text(`${block.title} (${block.source})`), ...block.content.map((part) => text(part.text))];
    case "tool_reference":
      return [text(`The tool ${block.tool_name} is now available.`)];
    default:
      throw invalidRequest(
        `${path}: \`${block.type}\` blocks cannot be sent to an OpenAI-compatible endpoint`,
      );
  }
}

/** Only text: pictures and files are left out. */
export function textOf(parts: readonly ChatPart[]): string {
  return parts.flatMap((part) => (part.type === "text" ? part.text : [])).join("\n\n");
}

function documentParts(
  { title, source }: DocumentBlock,
  { path, sendsFiles = false }: ChatPartsOptions,
): readonly ChatPart[] {
  const heading = title ? [text(`# ${title}`)] : [];
  switch (source.type) {
    case "text":
      return [...heading, text(source.data)];
    case "content": {
      const { content } = source;
      if (typeof content === "string") return [...heading, text(content)];
      return [...heading, ...content.flatMap((part) => chatParts(part, { path: `${path}.source.content` }))];
    }
    case "base64":
      if (source.media_type.startsWith("text/")) {
        return [...heading, text(Buffer.from(source.data, "base64").toString("utf8"))];
      }
      if (sendsFiles && source.media_type === "application/pdf") {
        const file_data = `data:application/pdf;base64,${source.data}`;
        return [{ type: "file", file: { filename: title ?? "document.pdf", file_data } }];
      }
      break;
    case "url":
      break;
    default:
      source satisfies never;
  }
  const kind = source.type === "base64" ? source.media_type : "linked";
  throw invalidRequest(
    `${path}.source: ${kind} documents cannot be sent to an OpenAI-compatible endpoint; send the document's text`,
  );
}

function imageUrl({ source }: ImageBlock): string {
  return source.type === "url" ? source.url : `data:${source.media_type};base64,${source.data}`;
}

function text(value: string): ChatPart {
  return { type: "text", text: value };
}
