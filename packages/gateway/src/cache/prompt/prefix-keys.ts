import { hash } from "node:crypto";
import { canonicalValue } from "./canonical-value.ts";
import { type PromptBlock, type PromptSection, SECTIONS } from "./prompt-block.ts";

export interface PrefixKeysOptions {
  readonly workspace: string;
  /** With its engine, such as `llama/qwen3`. */
  readonly model: string;
  /** Mixed in before the first block of each section; see `requestParameters`. */
  readonly parameters: Readonly<Record<PromptSection, string>>;
}

/** Changes when the canonical form does: then what was written before is not found any more. */
const FORMAT = "prefix 1";

/**
 * For each block the key of the prompt up to and including it: a chain of SHA-256, in base64url. Prompts with the same
 * key are the same, for one workspace and one model.
 */
export function prefixKeys(
  blocks: readonly PromptBlock[],
  { workspace, model, parameters }: PrefixKeysOptions,
): readonly string[] {
  let key = link("", canonicalValue([FORMAT, workspace, model]));
  let section = 0;
  return blocks.map((block) => {
    // A section without blocks still separates those around it. No block's canonical form begins with `#`.
    for (const end = SECTIONS.indexOf(block.section); section < end; ) {
      section++;
      key = link(key, `# ${SECTIONS[section]} ${parameters[SECTIONS[section] ?? "tools"]}`);
    }
    key = link(key, block.canonical);
    return key;
  });
}

/** The key before it has a fixed length, so that nothing can move from one part to the other. */
function link(before: string, next: string): string {
  return hash("sha256", `${before}${next}`, "base64url");
}
