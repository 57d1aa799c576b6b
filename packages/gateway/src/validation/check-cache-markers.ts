import type { CacheControl } from "@ml-intern/messages";
import type { Check, CheckedRequest } from "./check.ts";

const MAX_MARKERS = 4;
const ORDER = "`tools`, `system`, `messages`";

interface Marker {
  /** Where it stands in the body, such as `messages.2.content.0.cache_control`. */
  readonly path: string;
  readonly ttl: "5m" | "1h";
}

type MaybeMarked = { readonly cache_control?: CacheControl | null };

/** At most four cache markers, the one-hour ones before the five-minute ones, in the order tools, system, messages. */
export const checkCacheMarkers: Check = (request) => {
  const markers = cacheMarkers(request);
  const automatic = request.cache_control;
  if (automatic) {
    const last = lastBlock(request);
    if (last?.cache_control && ttlOf(last.cache_control) !== ttlOf(automatic)) {
      return "cache_control: the last block already has a cache_control with a different ttl";
    }
    if (!last?.cache_control) markers.push({ path: "cache_control", ttl: ttlOf(automatic) });
  }
  if (markers.length > MAX_MARKERS) {
    return `A maximum of ${MAX_MARKERS} blocks with cache_control may be provided. Found ${markers.length}.`;
  }
  const short = markers.findIndex(({ ttl }) => ttl === "5m");
  const late = short === -1 ? undefined : markers.slice(short).find(({ ttl }) => ttl === "1h");
  return late
    ? `${late.path}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: ${ORDER}.`
    : null;
};

/** Every explicit marker in the order in which the prompt is put together, also those within a tool's result. */
function cacheMarkers({ tools, system, messages }: CheckedRequest): Marker[] {
  const found: Marker[] = [];
  collect(tools ?? [], () => "tools", found);
  collect(system ?? [], () => "system", found);
  for (const [index, { content }] of messages.entries()) {
    collect(content, () => `messages.${index}.content`, found);
  }
  return found;
}

function collect(blocks: string | readonly object[], path: () => string, found: Marker[]): void {
  if (typeof blocks === "string") return;
  for (const [index, block] of (
    blocks as readonly (MaybeMarked & { readonly content?: unknown })[]
  ).entries()) {
    const { content, cache_control: control } = block;
    if (Array.isArray(content) && isToolResult(block)) {
      collect(content, () => `${path()}.${index}.content`, found);
    }
    if (control) found.push({ path: `${path()}.${index}.cache_control`, ttl: ttlOf(control) });
  }
}

function isToolResult(block: object): boolean {
  return "type" in block && block.type === "tool_result";
}

function lastBlock({ messages }: CheckedRequest): MaybeMarked | null {
  const content = messages.at(-1)?.content;
  return typeof content === "object" ? ((content.at(-1) as MaybeMarked | undefined) ?? null) : null;
}

function ttlOf(control: CacheControl): "5m" | "1h" {
  return control.ttl ?? "5m";
}
