import type { InputBlock, InputMessage } from "@ml-intern/messages";

/** A message's content as blocks: a string is one text block. */
export function contentBlocks(content: InputMessage["content"]): readonly InputBlock[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}
