import type { Prompt } from "../engines/estimate-tokens.ts";

/** Whether a request, checked or not, marks any part of its prompt for the cache. */
export function marksCache({
  system,
  tools,
  messages,
  cache_control: automatic,
}: Prompt & { readonly cache_control?: unknown }): boolean {
  if (automatic) return true;
  const contents = listOf(messages).map((message) => (message as { content?: unknown } | null)?.content);
  return [tools, system, ...contents].some((blocks) =>
    listOf(blocks).some((block) => Boolean((block as { cache_control?: unknown } | null)?.cache_control)),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
