/** How long an entry lives after the start of the last request that wrote or read it. */
export type CacheTtl = "5m" | "1h";

/** A prompt is put together in this order. */
export const SECTIONS = ["tools", "system", "messages"] as const;

export type PromptSection = (typeof SECTIONS)[number];

/** Where a block stands in the body; string content is block 0. */
export type PromptPlace =
  | { readonly section: "tools"; readonly index: number }
  | { readonly section: "system"; readonly index: number }
  | { readonly section: "messages"; readonly message: number; readonly block: number };

/** One step of the prompt: a tool, a text of the system prompt, or a block of a message. */
export interface PromptBlock {
  readonly section: PromptSection;
  readonly place: PromptPlace;
  /** `tool`, or the type of the block. */
  readonly kind: string;
  /** What the block means, the same for every way of writing it; neither marker nor place are part of it. */
  readonly canonical: string;
  readonly marker: CacheTtl | null;
  /** Whether the request's own `cache_control` may come to stand here. */
  readonly markable: boolean;
}
