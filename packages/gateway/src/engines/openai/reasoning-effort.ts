import type { MessagesRequest } from "@ml-intern/messages";

/** Budgets up to these count as little and as some thinking. */
const [LITTLE, SOME] = [4_096, 16_384];

/**
 * How much a model is to think, in the word that chat endpoints have for it: the request's own effort; else by its
 * budget; `none` where thinking is switched off. Null when the request does not say.
 */
export function reasoningEffort(request: MessagesRequest): string | null {
  const { thinking } = request;
  if (thinking?.type === "disabled") return "none";
  const { output_config: config } = request as { readonly output_config?: { readonly effort?: unknown } };
  if (typeof config?.effort === "string") return EFFORTS.get(config.effort) ?? "high";
  if (thinking?.type !== "enabled") return null;
  if (thinking.budget_tokens <= LITTLE) return "low";
  return thinking.budget_tokens <= SOME ? "medium" : "high";
}

/** Efforts above the highest that endpoints have in common are sent as that. */
const EFFORTS: ReadonlyMap<string, string> = new Map([
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
]);
