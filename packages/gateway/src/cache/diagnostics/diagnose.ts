import type { CacheMissReason } from "@ml-intern/messages";
import { type PromptSection, SECTIONS } from "../prompt/prompt-block.ts";
import { blocksOf, type Fingerprint, sharedBlocks, tokensOf } from "./fingerprint.ts";

/** Why a request cannot read all of an earlier one's prompt from a cache. */
export interface Divergence {
  readonly reason: CacheMissReason;
  /** The first block that is another one; null where no block is. */
  readonly at: { readonly section: PromptSection; readonly block: number } | null;
}

/**
 * The first thing that is no more as it was, in the order model, system, tools, messages; null where the earlier prompt is
 * the beginning of this one. What it costs is all of the earlier prompt that lies behind the place where the two part, in
 * the order in which a model reads them: a changed tool costs the system prompt as well, also when that is told as the
 * reason.
 */
export function diagnose(current: Fingerprint, previous: Fingerprint): Divergence | null {
  if (current.model !== previous.model) {
    return { reason: { type: "model_changed", cache_missed_input_tokens: previous.promptTokens }, at: null };
  }
  const shared = bySection((section) => sharedBlocks(current.sections[section], previous.sections[section]));
  const isKept = bySection((section) => shared[section] === blocksOf(previous.sections[section]));
  const isSame = bySection(
    (section) => isKept[section] && shared[section] === blocksOf(current.sections[section]),
  );
  const changed = !isSame.system ? "system" : !isSame.tools ? "tools" : isKept.messages ? null : "messages";
  if (changed === null) {
    return current.parameters === previous.parameters ? null : { reason: { type: "unavailable" }, at: null };
  }
  const common = !isSame.tools
    ? { tools: shared.tools }
    : !isSame.system
      ? { tools: shared.tools, system: shared.system }
      : shared;
  const cache_missed_input_tokens = tokensBehind(common, previous);
  return {
    reason: { type: `${changed}_changed`, cache_missed_input_tokens },
    at: { section: changed, block: shared[changed] },
  };
}

function bySection<T>(of: (section: PromptSection) => T): Readonly<Record<PromptSection, T>> {
  return { tools: of("tools"), system: of("system"), messages: of("messages") };
}

/** Tokens of a prompt without these first blocks of its sections: the part of its whole that the estimates give. */
function tokensBehind(
  blocks: Partial<Readonly<Record<PromptSection, number>>>,
  { sections, promptTokens }: Fingerprint,
): number {
  const sum = (of: (section: PromptSection) => number): number =>
    SECTIONS.reduce((tokens, section) => tokens + of(section), 0);
  const all = sum((section) => tokensOf(sections[section]));
  const first = sum((section) => tokensOf(sections[section], blocks[section] ?? 0));
  return all === 0 ? 0 : Math.round(promptTokens * (1 - first / all));
}
