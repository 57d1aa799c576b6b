import type { DocumentBlock, ImageBlock, InputBlock, ToolResultContent } from "@ml-intern/messages";
import { invalidRequest } from "../../gateway-error.ts";
import type { ChatPart } from "./chat-types.ts";

/** A block as text and pictures. `path` is where it stands in the body, for the message when it cannot be sent. */
export function chatParts(block: InputBlock | ToolResultContent, path: string): readonly ChatPart[] {
  switch (block.type) {
    case "text":
      return [text(block.text)];
    case "image":
      return [{ type: "image_url", image_url: { url: imageUrl(block) } }];
    case "document":
      return documentParts(block, path);
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

/** Only text: pictures are left out. */
export function textOf(parts: readonly ChatPart[]): string {
  return parts.flatMap((part) => (part.type === "text" ? part.text : [])).join("\n\n");
}

function documentParts({ title, source }: DocumentBlock, path: string): readonly ChatPart[] {
  const heading = title ? [text(`# ${title}`)] : [];
  switch (source.type) {
    case "text":
      return [...heading, text(source.data)];
    case "content": {
      const { content } = source;
      if (typeof content === "string") return [...heading, text(content)];
      return [...heading, ...content.flatMap((part) => chatParts(part, `${path}.source.content`))];
    }
    case "base64":
      if (source.media_type.startsWith("text/")) {
        return [...heading, text(Buffer.from(source.data, "base64").toString("utf8"))];
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
