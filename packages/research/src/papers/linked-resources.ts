import { z } from "zod";
import { isJson, jsonOf } from "../http/contents.ts";
import type { WebClient } from "../http/web-client.ts";
import { WebError } from "../http/web-error.ts";
import { PaperError } from "./paper-error.ts";
import { parsePaperId } from "./paper-id.ts";
import { plain } from "./plain-text.ts";

const API = "https://huggingface.co/api";

export type ResourceKind = "datasets" | "models" | "collections";

export interface LinkedResource {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly url: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly downloads: number | null;
  readonly likes: number | null;
  readonly task: string | null;
  readonly licence: string | null;
  readonly isGated: boolean;
}

export interface LinkedResources {
  readonly resources: readonly LinkedResource[];
  /** Kinds that could not be asked for. */
  readonly missing: readonly { readonly kind: ResourceKind; readonly why: string; readonly mend: string }[];
}

const repositories = z.array(
  z.object({
    id: z.string(),
    description: z.string().nullish(),
    downloads: z.number().nullish(),
    likes: z.number().nullish(),
    tags: z.array(z.string()).nullish(),
    pipeline_tag: z.string().nullish(),
    gated: z.union([z.boolean(), z.string()]).nullish(),
  }),
);
const collections = z.array(
  z.object({
    slug: z.string(),
    title: z.string(),
    description: z.string().nullish(),
    upvotes: z.number().nullish(),
  }),
);

/** What on the Hub says that it belongs to a paper. A kind that fails is told as missing; when all fail, the first failure is thrown. */
export async function linkedResources(options: {
  readonly web: WebClient;
  readonly id: string;
  /** By default all. */
  readonly kinds?: readonly ResourceKind[];
  readonly sort?: "downloads" | "likes" | "trending";
  /** Of each kind; by default 10, at most 50. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}): Promise<LinkedResources> {
  const { web, kinds = ["datasets", "models", "collections"], sort = "downloads", signal } = options;
  const id = parsePaperId(options.id);
  if (id.kind !== "arxiv") {
    const mend = "Give the paper's arXiv id; paperDetails tells it where there is one.";
    throw new PaperError("papers/bad_id", "The Hub links papers by their arXiv id only.", { mend });
  }
  const limit = Math.max(1, Math.min(Math.trunc(options.limit ?? 10), 50));
  const settled = await Promise.allSettled(
    kinds.map((kind) => resourcesOf({ web, kind, id: id.id, sort, limit, signal })),
  );
  signal.throwIfAborted();
  const failures = settled.flatMap((each, index) =>
    each.status === "rejected"
      ? [{ kind: kinds[index] as ResourceKind, reason: each.reason as unknown }]
      : [],
  );
  const strange = failures.find(({ reason }) => !(reason instanceof WebError));
  if (strange !== undefined || (failures.length > 0 && failures.length === kinds.length)) {
    throw (strange ?? failures[0])?.reason;
  }
  return {
    resources: settled.flatMap((each) => (each.status === "fulfilled" ? each.value : [])),
    missing: failures.flatMap(({ kind, reason }) =>
      reason instanceof WebError ? [{ kind, why: reason.message, mend: reason.mend }] : [],
    ),
  };
}

async function resourcesOf(options: {
  readonly web: WebClient;
  readonly kind: ResourceKind;
  readonly id: string;
  readonly sort: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}): Promise<LinkedResource[]> {
  const { web, kind, id, sort, limit, signal } = options;
  if (kind === "collections") {
    const url = `${API}/collections?item=papers/${id}&limit=${limit}&sort=upvotes`;
    return jsonOf(await web.request({ url, isUsable: isJson, signal }), collections).map(
      ({ slug, title, description, upvotes }) => ({
        kind,
        id: slug,
        url: `https://huggingface.co/collections/${slug}`,
        title,
        description: plain(description ?? "") || null,
        downloads: null,
        likes: upvotes ?? null,
        task: null,
        licence: null,
        isGated: false,
      }),
    );
  }
  const by = sort === "trending" ? "trendingScore" : sort;
  const url = `${API}/${kind}?filter=arxiv:${id}&sort=${by}&direction=-1&limit=${limit}`;
  return jsonOf(await web.request({ url, isUsable: isJson, signal }), repositories).map((each) => ({
    kind,
    id: each.id,
    url: `https://huggingface.co/${kind === "datasets" ? "datasets/" : ""}${each.id}`,
    title: null,
    description: plain(each.description ?? "").slice(0, 300) || null,
    downloads: each.downloads ?? null,
    likes: each.likes ?? null,
    task: each.pipeline_tag ?? tagged(each.tags, "task_categories"),
    licence: tagged(each.tags, "license"),
    isGated: each.gated !== undefined && each.gated !== null && each.gated !== false,
  }));
}

function tagged(tags: readonly string[] | null | undefined, name: string): string | null {
  return tags?.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1) ?? null;
}
