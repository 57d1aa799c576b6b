import type { CountTokensRequest, InputBlock } from "@ml-intern/messages";
import type { Measured } from "../cache/measure.ts";
import type { PromptPlace } from "../cache/prompt/prompt-block.ts";
import { estimateTokens } from "./estimate-tokens.ts";

/** Lengths of a prompt and of its beginnings, for want of the model's tokenizer; see {@link estimateTokens}. */
export function estimateMeasure(request: CountTokensRequest, places: readonly PromptPlace[]): Measured {
  const total = estimateTokens(request);
  const at = places.map((place) => Math.min(total, estimateTokens(through(request, place))));
  return { total, at };
}

/** The request without what comes after a place. */
function through(
  { tools = [], system, messages }: CountTokensRequest,
  place: PromptPlace,
): CountTokensRequest {
  const nothing = { model: "", messages: [] };
  if (place.section === "tools") return { ...nothing, tools: tools.slice(0, place.index + 1) };
  const before = { ...nothing, tools };
  if (place.section === "system") return { ...before, system: firstBlocks(system ?? [], place.index + 1) };
  const last = messages[place.message];
  const kept = messages.slice(0, place.message);
  const cut = last ? [{ ...last, content: firstBlocks(last.content, place.block + 1) }] : [];
  return { ...before, ...(system === undefined ? {} : { system }), messages: [...kept, ...cut] };
}

function firstBlocks<T extends InputBlock>(
  content: string | readonly T[],
  count: number,
): string | readonly T[] {
  return typeof content === "string" ? content : content.slice(0, count);
}
