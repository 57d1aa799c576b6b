import type { InputMessage } from "@ml-intern/messages";
import { contentBlocks } from "../../validation/turns.ts";

/** A block as it came; which kinds and fields there are is the validation's business. */
export interface AnyBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Content as blocks whose fields are not known beforehand: requests may hold kinds that the shared type does not have. */
export function anyBlocks(content: InputMessage["content"]): readonly AnyBlock[] {
  return contentBlocks(content) as readonly unknown[] as readonly AnyBlock[];
}

/** The blocks within a block: the parts of a result, or of a document's content. */
export function partsOf(content: unknown): readonly AnyBlock[] {
  return Array.isArray(content) ? content.filter((part) => typeof part === "object" && part !== null) : [];
}
