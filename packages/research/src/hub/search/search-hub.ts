import { pagesOf } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type Access, accessOf, describeAccess, type RepoFields, repoFields, tagOf } from "../repo-facts.ts";

export type HubSort = "trending" | "downloads" | "likes" | "created" | "modified";

export interface HubHit {
  readonly kind: "model" | "dataset";
  readonly id: string;
  readonly url: string;
  readonly access: Access;
  readonly downloads: number | null;
  readonly likes: number | null;
  /** ISO 8601. */
  readonly modified: string | null;
  readonly task: string | null;
  readonly library: string | null;
  /** Of a data set: `10K<n<100K`. */
  readonly size: string | null;
}

export interface HubSearch {
  readonly kind: "model" | "dataset";
  /** Words of the name. */
  readonly query?: string;
  readonly author?: string;
  /** `text-classification`: a model's pipeline, a data set's task category. */
  readonly task?: string;
  /** `transformers`, `peft`, `gguf`. */
  readonly library?: string;
  /** Further tags, all of which it has to have: `language:de`, `arxiv:2106.09685`. */
  readonly tags?: readonly string[];
  readonly sort?: HubSort;
  readonly limit: number;
  readonly signal: AbortSignal;
}

const SORTS: Readonly<Record<HubSort, string>> = {
  trending: "trendingScore",
  downloads: "downloads",
  likes: "likes",
  created: "createdAt",
  modified: "lastModified",
};

const FIELDS = ["author", "downloads", "gated", "lastModified", "likes", "private", "tags"];
const PAGE = 100;

/** Models or data sets of a hub, and whether there are more than `limit`. */
export async function searchHub(
  hub: Hub,
  search: HubSearch,
): Promise<{ readonly hits: readonly HubHit[]; readonly hasMore: boolean }> {
  const { kind, limit, signal } = search;
  const hits: HubHit[] = [];
  const url = `${hub.url}/api/${kind}s`;
  for await (const page of pagesOf(hub, url, { schema: repoFields, query: queryOf(search), signal })) {
    hits.push(...page.map((fields) => hitOf(hub, kind, fields)));
    if (hits.length > limit) break;
  }
  return { hits: hits.slice(0, limit), hasMore: hits.length > limit };
}

/** One line of facts: what one chooses by. */
export function describeHit(hit: HubHit): string {
  const { id, access, downloads, likes, modified, task, library, size } = hit;
  const facts = [
    task,
    library,
    size,
    describeAccess(access),
    downloads === null ? null : `${downloads.toLocaleString("en")} downloads`,
    likes === null ? null : `${likes.toLocaleString("en")} likes`,
    modified === null ? null : `changed ${modified.slice(0, 10)}`,
  ];
  return `${id}: ${facts.filter((fact) => fact !== null).join(" · ")}`;
}

function queryOf({
  kind,
  query,
  author,
  task,
  library,
  tags = [],
  sort,
  limit,
}: HubSearch): [string, string][] {
  const fields = kind === "model" ? [...FIELDS, "pipeline_tag", "library_name"] : FIELDS;
  const filters = [...(library === undefined ? [] : [library]), ...tags];
  if (task !== undefined && kind === "dataset") filters.push(`task_categories:${task}`);
  return [
    ...pair("search", query),
    ...pair("author", author),
    ...pair("pipeline_tag", kind === "model" ? task : undefined),
    ...filters.map((filter): [string, string] => ["filter", filter]),
    ["sort", SORTS[sort ?? "downloads"]],
    ["direction", "-1"],
    // One more than is wanted says whether there are more.
    ["limit", String(Math.min(limit + 1, PAGE))],
    ...fields.map((field): [string, string] => ["expand[]", field]),
  ];
}

function pair(name: string, value: string | undefined): [string, string][] {
  return value === undefined || value === "" ? [] : [[name, value]];
}

function hitOf(hub: Hub, kind: HubHit["kind"], fields: RepoFields): HubHit {
  const { id, downloads, likes, lastModified, pipeline_tag, library_name, tags } = fields;
  return {
    kind,
    id,
    url: `${hub.url}/${kind === "dataset" ? "datasets/" : ""}${id}`,
    access: accessOf(fields),
    downloads: downloads ?? null,
    likes: likes ?? null,
    modified: lastModified ?? null,
    task: pipeline_tag ?? tagOf(tags, "task_categories"),
    library: library_name ?? null,
    size: tagOf(tags, "size_categories"),
  };
}
