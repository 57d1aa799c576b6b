import type { Check } from "./check.ts";

/** `max_tokens` against the thinking budget, and the combinations that a pre-warming request (`max_tokens: 0`) rules out. */
export const checkLimits: Check = (request) => {
  const { max_tokens: limit, thinking, tool_choice: choice, stream } = request;
  if (limit === undefined) return null;
  if (limit > 0) {
    return thinking?.type === "enabled" && thinking.budget_tokens >= limit
      ? "`max_tokens` must be greater than `thinking.budget_tokens`."
      : null;
  }
  if (stream) return "max_tokens: 0 cannot be combined with `stream: true`";
  if (thinking?.type === "enabled") return 'max_tokens: 0 cannot be combined with `thinking.type: "enabled"`';
  if (choice?.type === "any" || choice?.type === "tool") {
    return `max_tokens: 0 cannot be combined with \`tool_choice.type: "${choice.type}"\``;
  }
  const format = (request as { output_config?: { format?: unknown } | null }).output_config?.format;
  return format ? "max_tokens: 0 cannot be combined with `output_config.format`" : null;
};
