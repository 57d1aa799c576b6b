import type { CacheControl, CountTokensRequest, ToolDefinition, TypedTool } from "@ml-intern/messages";
import { isBillingHeader } from "../../engines/system-prompt.ts";
import { type AnyBlock, anyBlocks, partsOf } from "./any-block.ts";
import { type CanonicalBlockOptions, canonicalBlock } from "./canonical-block.ts";
import { canonicalTool } from "./canonical-tool.ts";
import type { CacheTtl, PromptBlock, PromptPlace, PromptSection } from "./prompt-block.ts";
import { isWebTool } from "./request-parameters.ts";

/**
 * The prompt of a validated request, block by block, with its markers. What is no part of the prompt is left out:
 * deferred tools, switches among the tools, and the line of Claude Code about itself; a marker on one of them falls on
 * the block before it. A marker within a tool's result stands for the whole result. Of two markers on one block the
 * longer one counts.
 */
export function promptBlocks(request: CountTokensRequest): readonly PromptBlock[] {
  const blocks: DraftedBlock[] = [];
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

function addTools({ tools = [] }: CountTokensRequest, blocks: DraftedBlock[]): void {
  for (const [index, tool] of tools.entries()) {
    const isSeen = !isDeferred(tool) && !isWebTool(tool);
    if (isSeen) blocks.push(new DraftedBlock({ section: "tools", index }, "tool", () => canonicalTool(tool)));
    mark(blocks.at(-1), ttlOf(tool.cache_control));
  }
}

function addSystem({ system = [] }: CountTokensRequest, blocks: DraftedBlock[]): void {
  for (const [index, text] of anyBlocks(system).entries()) {
    const isSeen = index > 0 || typeof system === "string" || !isBillingHeader(String(text.text));
    if (isSeen) blocks.push(drafted(text, { section: "system", index }, PLAIN_SYSTEM));
    mark(blocks.at(-1), markerOf(text));
  }
}

const PLAIN_SYSTEM: CanonicalBlockOptions = { role: "system", deferredTool: () => undefined };

function addMessages({ messages, tools = [] }: CountTokensRequest, blocks: DraftedBlock[]): void {
  const deferred = new Map(tools.filter(isDeferred).map((tool) => [tool.name ?? "", canonicalTool(tool)]));
  const deferredTool = (name: string): string | undefined => deferred.get(name);
  for (const [message, { role, content }] of messages.entries()) {
    const options = { role, deferredTool };
    for (const [at, block] of anyBlocks(content).entries()) {
      blocks.push(drafted(block, { section: "messages", message, block: at }, options));
      mark(blocks.at(-1), markerOf(block));
    }
  }
}

function drafted(block: AnyBlock, place: PromptPlace, options: CanonicalBlockOptions): DraftedBlock {
  return new DraftedBlock(place, block.type, () => canonicalBlock(block, options), isMarkable(block));
}

/** The canonical form is made when it is asked for: what stands behind the last marker is never asked. */
class DraftedBlock implements PromptBlock {
  readonly section: PromptSection;
  readonly place: PromptPlace;
  readonly kind: string;
  readonly markable: boolean;
  marker: CacheTtl | null = null;
  readonly #canonical: () => string;

  constructor(place: PromptPlace, kind: string, canonical: () => string, markable: boolean = true) {
    this.section = place.section;
    this.place = place;
    this.kind = kind;
    this.markable = markable;
    this.#canonical = canonical;
  }

  get canonical(): string {
    return this.#canonical();
  }
}

function isMarkable({ type, text }: AnyBlock): boolean {
  return type !== "thinking" && type !== "redacted_thinking" && !(type === "text" && text === "");
}

function isDeferred(tool: ToolDefinition | TypedTool): boolean {
  return "defer_loading" in tool && tool.defer_loading === true;
}

/** The marker of a block, or of what stands within a tool's result. */
function markerOf(block: AnyBlock): CacheTtl | null {
  const own = controlOf(block);
  if (block.type !== "tool_result") return own;
  const ttls = [own, ...partsOf(block.content).map(controlOf)];
  return ttls.includes("1h") ? "1h" : ttls.includes("5m") ? "5m" : null;
}

function controlOf(block: AnyBlock): CacheTtl | null {
  return ttlOf(block.cache_control as CacheControl | null | undefined);
}

function mark(block: DraftedBlock | undefined, ttl: CacheTtl | null): void {
  if (block && ttl !== null && block.marker !== "1h") block.marker = ttl;
}

function ttlOf(control: CacheControl | null | undefined): CacheTtl | null {
  return control ? (control.ttl ?? "5m") : null;
}
