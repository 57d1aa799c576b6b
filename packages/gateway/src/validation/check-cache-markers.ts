import type { CacheControl, ToolResultBlock } from "@ml-intern/messages";
import type { Check, CheckedRequest } from "./check.ts";

const MAX_MARKERS = 4;

interface Marker {
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
    ? `${late.path === "cache_control" ? late.path : `${late.path}.cache_control`}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`
    : null;
};

/** Every explicit marker in the order in which the prompt is put together. */
function cacheMarkers({ tools, system, messages }: CheckedRequest): Marker[] {
  return [
    ...markersIn(tools ?? [], "tools"),
    ...markersIn(system ?? [], "system"),
    ...messages.flatMap(({ content }, index) => markersIn(content, `messages.${index}.content`)),
  ];
}

/** Markers on blocks or tools, and on the blocks within a tool's result. */
function markersIn(blocks: string | readonly object[], path: string): Marker[] {
  if (typeof blocks === "string") return [];
  return (blocks as readonly (MaybeMarked & Partial<ToolResultBlock>)[]).flatMap((block, index) => {
    const isResult = block.type === "tool_result";
    const nested = isResult ? markersIn(block.content ?? [], `${path}.${index}.content`) : [];
    const control = block.cache_control;
    return control ? [...nested, { path: `${path}.${index}`, ttl: ttlOf(control) }] : nested;
  });
}

function lastBlock({ messages }: CheckedRequest): MaybeMarked | null {
  const content = messages.at(-1)?.content;
  return typeof content === "object" ? ((content.at(-1) as MaybeMarked | undefined) ?? null) : null;
}

function ttlOf(control: CacheControl): "5m" | "1h" {
  return control.ttl ?? "5m";
}
