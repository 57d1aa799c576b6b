import type { Check } from "./check.ts";

/** Clearing thinking comes before all other edits of the context. The edits themselves are taken and change nothing. */
export const checkContextEdits: Check = (request) => {
  const { context_management: management } = request as {
    readonly context_management?: { readonly edits?: readonly { readonly type: string }[] | null };
  };
  const late = management?.edits?.findLastIndex(({ type }) => type.startsWith("clear_thinking_")) ?? -1;
  return late > 0
    ? `context_management.edits.${late}: \`${management?.edits?.[late]?.type}\` must come first in \`edits\``
    : null;
};
