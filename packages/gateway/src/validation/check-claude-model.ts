import type { Check } from "./check.ts";

interface ClaudeModel {
  readonly family: string;
  /** 4.7 is 4007. */
  readonly version: number;
}

/** Where sampling parameters ended, and where answers can no longer be begun by the client. */
const NO_SAMPLING = 4007;
const NO_PREFILL = 4006;
/** Where each family stopped taking a tool choice that forces a call. */
const NO_FORCED_CALL: Readonly<Record<string, number>> = { fable: 5001, mythos: 5001, opus: 5005 };

/**
 * What the API refuses for models of these names. It is kept for the name that the client uses, whatever model answers
 * for it here, so that what works here also works there.
 */
export const checkClaudeModel: Check = (request) => {
  const claude = claudeModel(request.model);
  if (!claude) return null;
  const { tool_choice: choice } = request;
  const forced = choice?.type === "any" || choice?.type === "tool";
  if (forced && claude.version >= (NO_FORCED_CALL[claude.family] ?? Number.POSITIVE_INFINITY)) {
    return 'tool_choice: type "tool" and "any" are not supported for this model.';
  }
  if (claude.version >= NO_SAMPLING) {
    const { temperature = 1, top_p: topP = 1, top_k: topK } = request;
    if (temperature !== 1) return "`temperature` is deprecated for this model.";
    if (topP < 0.99) return "`top_p` is deprecated for this model.";
    if (topK !== undefined) return "`top_k` is deprecated for this model.";
  }
  return claude.version >= NO_PREFILL && request.messages.at(-1)?.role === "assistant"
    ? "This model does not support assistant message prefill. The conversation must end with a user message."
    : null;
};

/** Reads names such as `claude-opus-4-7` and `anthropic/claude-sonnet-5-5-20261001`; null for all others. */
function claudeModel(name: string): ClaudeModel | null {
  const found = /(?:^|\/)claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?:-\d{8})?$/.exec(name);
  if (!found) return null;
  const [, family = "", major, minor = "0"] = found;
  return { family, version: Number(major) * 1000 + Number(minor) };
}
