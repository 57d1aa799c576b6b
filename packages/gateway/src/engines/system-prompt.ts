import type { CountTokensRequest } from "@ml-intern/messages";

const BILLING_HEADER = "x-anthropic-billing-header:";

/**
 * The system prompt as one text, empty where there is none. Claude Code puts a line about itself first; the API strips
 * it, and so does this: it differs between conversations, and would only spoil the caches of everything behind it.
 */
export function systemPrompt(system: CountTokensRequest["system"]): string {
  if (typeof system === "string") return system;
  const [first, ...rest] = (system ?? []).map(({ text }) => text);
  if (first === undefined) return "";
  return (isBillingHeader(first) ? rest : [first, ...rest]).join("\n\n");
}

/** Whether the first block of a system prompt is the line that Claude Code writes about itself. */
export function isBillingHeader(text: string): boolean {
  return text.startsWith(BILLING_HEADER);
}
