import { type Context, Hono } from "hono";
import * as z from "zod";
import { isOn, numberWithin, setNextPage } from "../http/page-link.ts";
import { readJson } from "../http/read-json.ts";
import { pathAfter } from "../http/request-path.ts";
import { type HubContext, openRepo, repoNameOf } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import { lastCommits, requireCommit } from "../storage/history.ts";
import { encodePointer } from "../storage/lfs-pointer.ts";
import type { Repository } from "../storage/repository.ts";
import { resolveRevision, splitRevision } from "../storage/revision.ts";
import { entryAt, type PathEntry, walkTree } from "../storage/tree-walk.ts";

const pathsBody = z.object({
  paths: z.union([z.array(z.string()), z.string()]),
  expand: z.boolean().nullish(),
});

/** Lists of files, and facts about named ones. */
export function treeRoutes(hub: HubContext): Hono {
  const app = new Hono();
  const base = "/api/:type{(?:models|datasets|spaces)}/:namespace/:name";

  app.get(`${base}/tree/:rest{.+}`, async (c) => {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "see");
    const { revision, path: given } = splitRevision(state, pathAfter(c, 5));
    const path = given.replace(/\/+$/, "");
    const sha = await resolveRevision(repo, state, revision);
    const root = (await requireCommit(repo.objects, sha)).tree;
    const start = await entryAt(repo.objects, root, path);
    if (start?.kind !== "folder") {
      throw new Refusal("entry_not_found", `${path} does not exist on "${revision}"`, {
        headers: { "X-Repo-Commit": sha },
      });
    }
    const expand = isOn(c.req.query("expand"));
    const most = expand ? 50 : 1000;
    const limit = numberWithin(c.req.query("limit"), { absent: most, least: 1, most });
    const skip = numberWithin(c.req.query("cursor"), { absent: 0, least: 0, most: 999_999_999 });
    const entries = [];
    let index = 0;
    const recursive = isOn(c.req.query("recursive"));
    for await (const entry of walkTree(repo.objects, { tree: start.oid, path, recursive })) {
      if (index++ < skip) continue;
      if (entries.length === limit) {
        setNextPage(c, { cursor: String(skip + limit) });
        break;
      }
      entries.push(entry);
    }
    c.header("X-Repo-Commit", sha);
    return c.json(await describeEntries(repo, { sha, entries, expand }));
  });

  app.post(`${base}/paths-info/:revision{.+}`, async (c) => {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "see");
    const { paths, expand } = await readPaths(c);
    const sha = await resolveRevision(repo, state, splitRevision(state, pathAfter(c, 5)).revision);
    const root = (await requireCommit(repo.objects, sha)).tree;
    const entries = [];
    for (const path of paths) {
      const entry = await entryAt(repo.objects, root, path.replace(/^\/+|\/+$/g, ""));
      if (entry && entry.path !== "") entries.push(entry);
    }
    return c.json(await describeEntries(repo, { sha, entries, expand }));
  });

  return app;
}

/** JavaScript's client sends JSON, Python's a form. */
async function readPaths(c: Context): Promise<{ paths: string[]; expand: boolean }> {
  if (c.req.header("Content-Type")?.includes("application/x-www-form-urlencoded")) {
    const form = new URLSearchParams(await c.req.text());
    return { paths: form.getAll("paths"), expand: isOn(form.get("expand") ?? undefined) };
  }
  const { paths, expand } = pathsBody.parse(await readJson(c));
  return { paths: typeof paths === "string" ? [paths] : paths, expand: expand === true };
}

async function describeEntries(
  repo: Repository,
  { sha, entries, expand }: { sha: string; entries: readonly PathEntry[]; expand: boolean },
): Promise<Record<string, unknown>[]> {
  const paths = entries.map(({ path }) => path);
  const commits = expand ? await lastCommits(repo.objects, { from: sha, paths }) : null;
  const described = [];
  for (const entry of entries) {
    const commit = commits?.get(entry.path);
    described.push({
      ...(await describeEntry(repo, entry)),
      ...(commit
        ? {
            lastCommit: {
              id: commit.oid,
              title: commit.message.split("\n")[0],
              date: commit.date.toISOString(),
            },
          }
        : {}),
    });
  }
  return described;
}

async function describeEntry(
  repo: Repository,
  { path, kind, oid }: PathEntry,
): Promise<Record<string, unknown>> {
  if (kind === "folder") return { type: "directory", oid, size: 0, path };
  const { size, lfs } = await repo.objects.blobFacts(oid);
  if (!lfs) return { type: "file", oid, size, path };
  const pointerSize = encodePointer(lfs).length;
  return { type: "file", oid, size: lfs.size, lfs: { oid: lfs.sha256, size: lfs.size, pointerSize }, path };
}
