import type {
  CacheControl,
  CountTokensRequest,
  InputMessage,
  ToolDefinition,
  TypedTool,
} from "@ml-intern/messages";
import { isBillingHeader } from "../../engines/system-prompt.ts";
import { type AnyBlock, anyBlocks, partsOf } from "./any-block.ts";
import { canonicalBlock } from "./canonical-block.ts";
import { canonicalTool } from "./canonical-tool.ts";
import type { CacheTtl, PromptBlock, PromptPlace } from "./prompt-block.ts";
import { isWebTool } from "./request-parameters.ts";

type Drafted = { -readonly [Field in keyof PromptBlock]: PromptBlock[Field] };

/**
 * The prompt of a validated request, block by block, with its markers. What is no part of the prompt is left out:
 * deferred tools, switches among the tools, and the line of Claude Code about itself; a marker on one of them falls on
 * the block before it. A marker within a tool's result stands for the whole result. Of two markers on one block the
 * longer one counts.
 */
export function promptBlocks(request: CountTokensRequest): readonly PromptBlock[] {
  const blocks: Drafted[] = [];
  addTools(request, blocks);
  addSystem(request, blocks);
  addMessages(request, blocks);
  const automatic = ttlOf(request.cache_control);
  if (automatic !== null)
    mark(
      blocks.findLast(({ markable }) => markable),
      automatic,
    );
  return blocks;
}

function addTools({ tools = [] }: CountTokensRequest, blocks: Drafted[]): void {
  for (const [index, tool] of tools.entries()) {
    const isSeen = !isDeferred(tool) && !isWebTool(tool);
    if (isSeen) blocks.push(drafted({ section: "tools", index }, "tool", () => canonicalTool(tool)));
    mark(blocks.at(-1), ttlOf(tool.cache_control));
  }
}

function addSystem({ system = [] }: CountTokensRequest, blocks: Drafted[]): void {
  for (const [index, text] of anyBlocks(system).entries()) {
    const isSeen = index > 0 || typeof system === "string" || !isBillingHeader(String(text.text));
    if (isSeen) blocks.push(message(text, { section: "system", index }, { role: "system" }));
    mark(blocks.at(-1), markerOf(text));
  }
}

function addMessages({ messages, tools = [] }: CountTokensRequest, blocks: Drafted[]): void {
  const deferred = new Map(tools.filter(isDeferred).map((tool) => [tool.name ?? "", canonicalTool(tool)]));
  for (const [index, { role, content }] of messages.entries()) {
    for (const [at, block] of anyBlocks(content).entries()) {
      const place = { section: "messages", message: index, block: at } as const;
      blocks.push(message(block, place, { role, deferredTool: (name) => deferred.get(name) }));
      mark(blocks.at(-1), markerOf(block));
    }
  }
}

function message(
  block: AnyBlock,
  place: PromptPlace,
  {
    role,
    deferredTool = () => undefined,
  }: {
    readonly role: InputMessage["role"];
    readonly deferredTool?: (name: string) => string | undefined;
  },
): Drafted {
  return drafted(place, block.type, () => canonicalBlock(block, { role, deferredTool }), isMarkable(block));
}

/** The canonical form is made when it is asked for: what stands behind the last marker is never asked. */
function drafted(place: PromptPlace, kind: string, canonical: () => string, markable = true): Drafted {
  return {
    section: place.section,
    place,
    kind,
    get canonical() {
      return canonical();
    },
    marker: null,
    markable,
  };
}

function isMarkable({ type, text }: AnyBlock): boolean {
  return type !== "thinking" && type !== "redacted_thinking" && !(type === "text" && text === "");
}

function isDeferred(tool: ToolDefinition | TypedTool): boolean {
  return "defer_loading" in tool && tool.defer_loading === true;
}

/** The marker of a block, or of what stands within a tool's result. */
function markerOf(block: AnyBlock): CacheTtl | null {
  const parts = block.type === "tool_result" ? partsOf(block.content) : [];
  const ttls = [...parts, block].map((part) => ttlOf(part.cache_control as CacheControl | null | undefined));
  return ttls.includes("1h") ? "1h" : ttls.includes("5m") ? "5m" : null;
}

function mark(block: Drafted | undefined, ttl: CacheTtl | null): void {
  if (block && ttl !== null && block.marker !== "1h") block.marker = ttl;
}

function ttlOf(control: CacheControl | null | undefined): CacheTtl | null {
  return control ? (control.ttl ?? "5m") : null;
}
