/**
 * Prompts shorter than this are not written, by model. A `*` at the end stands for any rest, and the longest beginning
 * wins. What the API documents for its models; 1,024 for those of which it says nothing. Other models have no documented
 * minimum: below 256 tokens, the size of the pieces in which the embedded engine keeps its state, there is nothing to
 * keep.
 */
const MINIMUMS: Readonly<Record<string, number>> = {
  "claude-fable-5": 512,
  "claude-fable-5-1": 512,
  "claude-mythos-5": 512,
  "claude-mythos-5-1": 512,
  "claude-opus-5": 512,
  "claude-opus-4": 1024,
  "claude-opus-4-0": 1024,
  "claude-opus-4-1": 1024,
  "claude-opus-4-8": 1024,
  "claude-sonnet-4-5": 1024,
  "claude-sonnet-4-6": 1024,
  "claude-sonnet-5": 1024,
  "claude-3-5-haiku": 2048,
  "claude-haiku-3-5": 2048,
  "claude-mythos-preview": 2048,
  "claude-opus-4-7": 2048,
  "claude-haiku-4-5": 4096,
  "claude-opus-4-5": 4096,
  "claude-opus-4-6": 4096,
  "claude-*": 1024,
  "*": 256,
};

/** Tokens that the prompt up to a marker needs for the marker to count. */
export type MinimumTokens = (model: string) => number;

/**
 * The minimum of a model, named with or without its engine and its date. `overrides` come before what is known, in the
 * same form: `{ "llama/*": 0, "claude-haiku-5-5": 2048 }`.
 */
export function minimumTokens(overrides: Readonly<Record<string, number>> = {}): MinimumTokens {
  const own = new Map(Object.entries(overrides));
  const known = new Map(Object.entries(MINIMUMS));
  return (model) => lookUp(model, own) ?? lookUp(model, known) ?? 0;
}

function lookUp(model: string, table: ReadonlyMap<string, number>): number | undefined {
  const name = model.slice(model.indexOf("/") + 1);
  for (const exact of [model, name, name.replace(/-(\d{8}|latest)$/, "")]) {
    const found = table.get(exact);
    if (found !== undefined) return found;
  }
  const patterns = [...table.keys()].filter((pattern) => {
    const beginning = pattern.slice(0, -1);
    return pattern.endsWith("*") && (model.startsWith(beginning) || name.startsWith(beginning));
  });
  const longest = patterns.sort((one, other) => other.length - one.length)[0];
  return longest === undefined ? undefined : table.get(longest);
}
