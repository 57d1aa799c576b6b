import { Hono } from "hono";
import * as z from "zod";
import { parseGitignore, parseLfsAttributes } from "../http/path-pattern.ts";
import { readJson } from "../http/read-json.ts";
import { pathAfter } from "../http/request-path.ts";
import { type HubContext, openRepo, repoNameOf } from "../hub-context.ts";
import { requireCommit } from "../storage/history.ts";
import type { Repository } from "../storage/repository.ts";
import { resolveRevision, splitRevision } from "../storage/revision.ts";
import { entryAt } from "../storage/tree-walk.ts";

const preuploadBody = z.object({
  files: z.array(z.object({ path: z.string(), size: z.number(), sample: z.string().nullish() })),
  gitAttributes: z.string().nullish(),
  gitIgnore: z.string().nullish(),
});

/** From this size on a file is kept outside of git. */
export const largeFrom: number = 10 * 1024 * 1024;

/** Says for each file of a coming commit whether it goes into the commit itself or ahead of it by LFS. */
export function preuploadRoutes(hub: HubContext): Hono {
  const app = new Hono();
  app.post("/api/:type{(?:models|datasets|spaces)}/:namespace/:name/preupload/:revision{.+}", async (c) => {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "write");
    const body = preuploadBody.parse(await readJson(c));
    const sha = await resolveRevision(repo, state, splitRevision(state, pathAfter(c, 5)).revision);
    const tree = (await requireCommit(repo.objects, sha)).tree;
    const isLfs = parseLfsAttributes(body.gitAttributes ?? (await readText(repo, tree, ".gitattributes")));
    const isIgnored = parseGitignore(body.gitIgnore ?? (await readText(repo, tree, ".gitignore")));
    const files = [];
    for (const { path, size, sample } of body.files) {
      const binary = Buffer.from(sample ?? "", "base64").includes(0);
      const large = size >= largeFrom || isLfs(path) || binary;
      const existing = await entryAt(repo.objects, tree, path);
      const facts = existing?.kind === "file" ? await repo.objects.blobFacts(existing.oid) : null;
      files.push({
        path,
        uploadMode: large && size > 0 ? "lfs" : "regular",
        shouldIgnore: isIgnored(path),
        ...(existing && facts ? { oid: facts.lfs?.sha256 ?? existing.oid } : {}),
      });
    }
    return c.json({ files });
  });
  return app;
}

async function readText(repo: Repository, tree: string, path: string): Promise<string> {
  const entry = await entryAt(repo.objects, tree, path);
  return entry?.kind === "file" ? (await repo.objects.blob(entry.oid)).toString("utf8") : "";
}
