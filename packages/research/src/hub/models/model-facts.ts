import type { Access } from "../repo-facts.ts";

/** What one wants to know of a model before one uses it. */
export interface ModelFacts {
  readonly name: string;
  readonly url: string;
  readonly commit: string;
  readonly access: Access;
  readonly task: string | null;
  readonly library: string | null;
  readonly baseModels: readonly string[];
  readonly downloads: number | null;
  readonly likes: number | null;
  readonly parameters: Parameters | null;
  readonly config: ConfigFacts | null;
  /** Whether its tokenizer knows how a conversation is written; null where that could not be found out. */
  readonly hasChatTemplate: boolean | null;
  readonly files: readonly { readonly path: string; readonly bytes: number | null }[];
  /** The first part of its card, as Markdown. */
  readonly card: string | null;
  readonly notes: readonly { readonly text: string; readonly mend: string | null }[];
}

export interface Parameters {
  readonly total: number;
  readonly byType: Readonly<Record<string, number>>;
}

/** From `config.json`, or `adapter_config.json` of an adapter. Null where the file does not say. */
export interface ConfigFacts {
  readonly architecture: string | null;
  readonly hiddenSize: number | null;
  readonly layers: number | null;
  readonly heads: number | null;
  readonly contextLength: number | null;
  readonly vocabulary: number | null;
  readonly dtype: string | null;
  readonly quantization: string | null;
  readonly adapter: {
    readonly kind: string;
    readonly base: string | null;
    readonly rank: number | null;
  } | null;
}
