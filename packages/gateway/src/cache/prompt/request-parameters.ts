import type { CountTokensRequest } from "@ml-intern/messages";
import { type AnyBlock, anyBlocks, partsOf } from "./any-block.ts";
import { isEnabled } from "./canonical-block.ts";
import { canonicalTool } from "./canonical-tool.ts";
import { canonicalValue } from "./canonical-value.ts";
import type { PromptSection } from "./prompt-block.ts";

/** Fields that engines read though the shared type leaves them out; validation has checked their shape. */
type Request = CountTokensRequest & {
  readonly speed?: unknown;
  readonly output_config?: { readonly effort?: string | null; readonly format?: unknown } | null;
};

const DEFAULT_EFFORT = "high";

/**
 * What a request says apart from its blocks, as text, by the first section that it changes: with another value, no
 * entry from that section on is found.
 */
export function requestParameters(request: Request): Readonly<Record<PromptSection, string>> {
  const { tools = [], thinking, speed, output_config: output } = request;
  return {
    tools: "",
    system: canonicalValue({
      speed: speed === "standard" ? undefined : speed,
      web: tools.filter(isWebTool).map(canonicalTool),
      citations: mentions(request, (block) => block.type !== "text" && isEnabled(block.citations)),
      format: output?.format ?? undefined,
    }),
    messages: canonicalValue({
      toolChoice: toolChoice(request),
      images: mentions(request, ({ type }) => type === "image"),
      thinking: thinking && { ...thinking, display: undefined },
      effort: output?.effort ?? DEFAULT_EFFORT,
    }),
  };
}

/** Web search and web fetch are switches: they change the system prompt, not the list of tools. */
export function isWebTool({ type }: { readonly type?: string | null }): boolean {
  return /^web_(search|fetch)_/.test(type ?? "");
}

function toolChoice({ tools = [], tool_choice: choice }: Request): object {
  const { disable_parallel_tool_use: single, ...rest } = {
    disable_parallel_tool_use: false,
    ...(choice ?? { type: tools.length > 0 ? "auto" : "none" }),
  };
  return single ? { ...rest, single } : rest;
}

/** Whether any block of the messages, also within results and documents, is such a block. */
function mentions({ messages }: Request, isSuch: (block: AnyBlock) => boolean): boolean {
  const within = (block: AnyBlock): boolean =>
    isSuch(block) || partsOf(block.content).some(within) || partsOf(contentOf(block.source)).some(within);
  return messages.some(({ content }) => anyBlocks(content).some(within));
}

function contentOf(source: unknown): unknown {
  return typeof source === "object" && source !== null && "content" in source ? source.content : null;
}
