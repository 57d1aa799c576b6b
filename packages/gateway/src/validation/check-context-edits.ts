import type { Check } from "./check.ts";

/** Clearing thinking comes before all other edits of the context. The edits themselves are taken and change nothing. */
export const checkContextEdits: Check = ({ context_management: management }) => {
  const edits = management?.edits ?? [];
  const late = edits.findLastIndex(({ type }) => type.startsWith("clear_thinking_"));
  return late > 0
    ? `context_management.edits.${late}: \`${edits[late]?.type}\` must come first in \`edits\``
    : null;
};
