import { z } from "zod";

/** Who may use a repository, and for what. */
export interface Access {
  /** As the card or the tags say; null where nobody said. */
  readonly licence: string | null;
  /** Whether its owner lets people in by name (`manual`) or everybody who asks (`auto`). */
  readonly gated: false | "auto" | "manual";
  readonly isPrivate: boolean;
}

/** What a hub says about a repository. Which of it comes depends on what was asked for. */
export interface RepoFields {
  readonly id: string;
  readonly sha?: string | null | undefined;
  readonly gated?: boolean | string | null | undefined;
  readonly private?: boolean | null | undefined;
  readonly downloads?: number | null | undefined;
  readonly likes?: number | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly lastModified?: string | null | undefined;
  readonly pipeline_tag?: string | null | undefined;
  readonly library_name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly cardData?: CardFields | null | undefined;
}

/** What its card says before the text; anybody may write anything there. */
export interface CardFields {
  readonly license?: string | readonly string[] | null | undefined;
  readonly license_name?: string | null | undefined;
  readonly base_model?: string | readonly string[] | null | undefined;
}

const names = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .catch(null);
const card = z.object({
  license: names,
  license_name: z.string().nullish().catch(null),
  base_model: names,
});

export const repoFields: z.ZodType<RepoFields> = z.object({
  id: z.string(),
  sha: z.string().nullish(),
  gated: z.union([z.boolean(), z.string()]).nullish(),
  private: z.boolean().nullish(),
  downloads: z.number().nullish(),
  likes: z.number().nullish(),
  tags: z.array(z.string()).nullish(),
  lastModified: z.string().nullish(),
  pipeline_tag: z.string().nullish(),
  library_name: z.string().nullish(),
  description: z.string().nullish(),
  cardData: card.nullish().catch(null),
});

export function accessOf({ gated, private: isPrivate, tags, cardData: card }: RepoFields): Access {
  const written = card?.license_name ?? [card?.license ?? []].flat()[0] ?? tagOf(tags, "license");
  return {
    licence: written ?? null,
    gated: gated === "manual" || gated === "auto" ? gated : gated === true ? "auto" : false,
    isPrivate: isPrivate ?? false,
  };
}

/** The rest of the first tag that begins with `name:`. */
export function tagOf(tags: readonly string[] | null | undefined, name: string): string | null {
  return tags?.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1) ?? null;
}

/** `licence mit · gated: …`, as it stands in every line about a repository. */
export function describeAccess({ licence, gated, isPrivate }: Access): string {
  const parts = [licence === null ? "no licence stated" : `licence ${licence}`];
  if (gated === "auto") parts.push("gated: ask for access on its page, it is given at once");
  if (gated === "manual") parts.push("gated: its owner decides who gets access");
  if (isPrivate) parts.push("private");
  return parts.join(" · ");
}
