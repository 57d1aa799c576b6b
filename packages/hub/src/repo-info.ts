import { type CardData, hasFrontMatter, parseFrontMatter } from "./card/front-matter.ts";
import { readCardFacts } from "./card/model-card.ts";
import { requireCommit } from "./storage/history.ts";
import { encodePointer } from "./storage/lfs-pointer.ts";
import type { RepoState } from "./storage/repo-state.ts";
import type { Repository } from "./storage/repository.ts";
import { listFiles } from "./storage/tree-walk.ts";

/** Everything that the info and list endpoints can say about a repository at one commit. */
export type RepoInfo = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly tags: readonly string[];
};

const largestCard = 1024 * 1024;

export async function describeRepo(repo: Repository, state: RepoState, sha: string): Promise<RepoInfo> {
  const commit = await requireCommit(repo.objects, sha);
  const files = await listFiles(repo.objects, commit.tree);
  const card = await readCard(repo, files.get("README.md"));
  const { tags, pipelineTag, libraryName } = readCardFacts(card, files.keys());
  const id = `${repo.namespace}/${repo.name}`;
  return {
    _id: state.id,
    id,
    ...(repo.type === "model" ? { modelId: id } : {}),
    author: repo.namespace,
    sha,
    lastModified: state.modified_at,
    createdAt: state.created_at,
    private: state.private,
    gated: state.gated,
    disabled: false,
    downloads: 0,
    downloadsAllTime: 0,
    likes: 0,
    trendingScore: 0,
    tags,
    ...(pipelineTag === null ? {} : { pipeline_tag: pipelineTag }),
    ...(libraryName === null ? {} : { library_name: libraryName }),
    ...(card === null ? {} : { cardData: card }),
    ...(card?.["model-index"] === undefined ? {} : { "model-index": card["model-index"] }),
    ...(state.sdk === null ? {} : { sdk: state.sdk }),
    siblings: [...files.keys()].sort().map((rfilename) => ({ rfilename })),
    spaces: [],
  };
}

/** The same list of files with their sizes and ids, for clients that ask for `blobs`. */
export async function describeSiblings(repo: Repository, sha: string): Promise<Record<string, unknown>[]> {
  const commit = await requireCommit(repo.objects, sha);
  const siblings = [];
  for (const [rfilename, oid] of await listFiles(repo.objects, commit.tree)) {
    const { size, lfs } = await repo.objects.blobFacts(oid);
    siblings.push({
      rfilename,
      blobId: oid,
      size: lfs?.size ?? size,
      ...(lfs ? { lfs: { sha256: lfs.sha256, size: lfs.size, pointerSize: encodePointer(lfs).length } } : {}),
    });
  }
  return siblings;
}

async function readCard(repo: Repository, oid: string | undefined): Promise<CardData | null> {
  if (oid === undefined) return null;
  const { size, lfs } = await repo.objects.blobFacts(oid);
  if (lfs || size > largestCard) return null;
  const text = (await repo.objects.blob(oid)).toString("utf8");
  return hasFrontMatter(text) ? parseFrontMatter(text) : null;
}

/** Cuts an info down to the asked fields; `_id` and `id` always stay. No field asked for means all. */
export function pickFields(info: RepoInfo, expand: readonly string[]): Record<string, unknown> {
  if (expand.length === 0) return { ...info };
  const wanted = new Set(["_id", "id", ...expand]);
  return Object.fromEntries(Object.entries(info).filter(([key]) => wanted.has(key)));
}
