import type { InputMessage } from "@ml-intern/messages";
import { type AnyBlock, partsOf } from "./any-block.ts";
import { canonicalValue } from "./canonical-value.ts";

export interface CanonicalBlockOptions {
  readonly role: InputMessage["role"];
  /** The definition of a deferred tool, which enters the prompt where a result names it. */
  readonly deferredTool: (name: string) => string | undefined;
}

/** What each kind says. Other fields of these kinds are ignored, as validation does; of other kinds all are kept. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    text: ["text", "citations"],
    image: ["source"],
    document: ["source", "title", "context", "citations"],
    search_result: ["source", "title", "content", "citations"],
    thinking: ["thinking", "signature"],
    redacted_thinking: ["data"],
    tool_use: ["id", "name", "input", "caller"],
    tool_result: ["tool_use_id", "content", "is_error"],
    tool_reference: ["tool_name"],
  }),
);

/**
 * A block for the key: the same for every spelling of the same block. Absent is what null, `is_error: false`, no
 * citations and the direct caller mean; a string is one text block; the order of keys means nothing, in a call's input
 * neither, which engines write from the same object.
 */
export function canonicalBlock(block: AnyBlock, { role, deferredTool }: CanonicalBlockOptions): string {
  if (block.type === "text" && saysNothing("citations", block.citations))
    return `${role} text\n${block.text}`;
  return `${role} ${canonicalValue(plainBlock(block, deferredTool))}`;
}

type Plain = Readonly<Record<string, unknown>>;
type DeferredTool = CanonicalBlockOptions["deferredTool"];

function plainBlock(block: AnyBlock, deferredTool: DeferredTool): Plain {
  // Without a prototype, so that every name is one like others.
  const plain: Record<string, unknown> = Object.assign(Object.create(null), { type: block.type });
  for (const name of FIELDS.get(block.type) ?? Object.keys(block)) {
    if (name !== "cache_control" && !saysNothing(name, block[name])) plain[name] = block[name];
  }
  switch (block.type) {
    case "tool_result":
      return { ...plain, content: plainContent(block.content, deferredTool) };
    case "search_result":
      return { ...plain, content: plainContent(block.content, deferredTool) };
    case "document":
      return { ...plain, source: plainSource(block.source, deferredTool) };
    case "tool_reference":
      return { ...plain, tool: deferredTool(String(block.tool_name)) };
    default:
      return plain;
  }
}

function saysNothing(name: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  switch (name) {
    case "is_error":
      return value === false;
    case "caller":
      return typeof value === "object" && "type" in value && value.type === "direct";
    case "citations":
      return Array.isArray(value) ? value.length === 0 : !isEnabled(value);
    default:
      return false;
  }
}

/** Whether `citations` of a document or a search result switches them on. */
export function isEnabled(citations: unknown): boolean {
  return (
    typeof citations === "object" &&
    citations !== null &&
    "enabled" in citations &&
    citations.enabled === true
  );
}

/** Parts as blocks; one empty text is none. */
function plainContent(content: unknown, deferredTool: DeferredTool): readonly Plain[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  const parts = partsOf(content);
  if (parts.length === 1 && parts[0]?.type === "text" && parts[0].text === "") return [];
  return parts.map((part) => plainBlock(part, deferredTool));
}

function plainSource(source: unknown, deferredTool: DeferredTool): unknown {
  if (typeof source !== "object" || source === null || !("content" in source)) return source;
  return { ...source, content: plainContent(source.content, deferredTool) };
}
