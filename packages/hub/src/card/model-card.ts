import type { CardData } from "./front-matter.ts";

/** What a hub shows of a repository from its card and its files. */
export interface CardFacts {
  readonly tags: string[];
  readonly pipelineTag: string | null;
  readonly libraryName: string | null;
}

function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === "string" && item !== "");
}

const fileTags: Readonly<Record<string, string>> = {
  safetensors: "safetensors",
  onnx: "onnx",
  gguf: "gguf",
  skops: "skops",
};

/** The tags that searching and filtering go by: those of the card, and what its other fields and the files imply. */
export function readCardFacts(card: CardData | null, paths: Iterable<string>): CardFacts {
  const pipelineTag = texts(card?.pipeline_tag)[0] ?? null;
  const libraryName = texts(card?.library_name)[0] ?? null;
  const fromFiles = new Set<string>();
  for (const path of paths) {
    const tag = fileTags[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
    if (tag) fromFiles.add(tag);
  }
  const prefixed = (prefix: string, key: string) => texts(card?.[key]).map((value) => `${prefix}:${value}`);
  const tags = [
    ...(libraryName ? [libraryName] : []),
    ...fromFiles,
    ...texts(card?.tags),
    ...(pipelineTag ? [pipelineTag] : []),
    ...texts(card?.language),
    ...prefixed("dataset", "datasets"),
    ...prefixed("base_model", "base_model"),
    ...prefixed("task_categories", "task_categories"),
    ...prefixed("license", "license"),
    ...(card?.["model-index"] ? ["model-index"] : []),
  ];
  return { tags: [...new Set(tags)], pipelineTag, libraryName };
}
