import { type Context, Hono } from "hono";
import * as z from "zod";
import { isOn } from "../http/page-link.ts";
import { readJson } from "../http/read-json.ts";
import { pathAfter } from "../http/request-path.ts";
import { authorOf, type HubContext, openRepo, repoNameOf } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import { writeCommit } from "../storage/add-commit.ts";
import { checkRefName } from "../storage/names.ts";
import { decodeSegment, resolveRevision, splitRevision } from "../storage/revision.ts";

const branchBody = z.object({
  startingPoint: z.string().nullish(),
  emptyBranch: z.boolean().nullish(),
  overwrite: z.boolean().nullish(),
});
const tagBody = z.object({ tag: z.string(), message: z.string().nullish() });

/** Branches and tags. */
export function refRoutes(hub: HubContext): Hono {
  const app = new Hono();
  const base = "/api/:type{(?:models|datasets|spaces)}/:namespace/:name";

  app.get(`${base}/refs`, async (c) => {
    const { state } = await openRepo(hub, c, repoNameOf(c), "see");
    const entry = (name: string, ref: string, targetCommit: string) => ({ name, ref, targetCommit });
    const pulls = Object.entries(state.discussions).flatMap(([number, { pull }]) =>
      pull ? [entry(number, `refs/pr/${number}`, pull.head)] : [],
    );
    return c.json({
      branches: Object.entries(state.branches).map(([name, oid]) => entry(name, `refs/heads/${name}`, oid)),
      tags: Object.entries(state.tags).map(([name, tag]) => entry(name, `refs/tags/${name}`, tag.commit)),
      converts: [],
      ...(isOn(c.req.query("include_prs")) ? { pullRequests: pulls } : {}),
    });
  });

  app.post(`${base}/branch/:branch{.+}`, async (c) => {
    const { repo, caller } = await openRepo(hub, c, repoNameOf(c), "write");
    const branch = checkRefName(lastOf(c));
    const { startingPoint, emptyBranch, overwrite } = branchBody.parse(await readJson(c));
    await repo.update(async (state) => {
      if (Object.hasOwn(state.branches, branch) && overwrite !== true) throw taken(branch);
      const oid = emptyBranch
        ? await writeCommit(repo, {
            parent: null,
            edits: [],
            title: "initial commit",
            description: "",
            author: authorOf(caller),
            now: hub.now(),
          })
        : await resolveRevision(repo, state, startingPoint ?? "main");
      return { state: { ...state, branches: { ...state.branches, [branch]: oid } }, result: undefined };
    });
    return c.body(null, 200);
  });

  app.delete(`${base}/branch/:branch{.+}`, async (c) => {
    const { repo } = await openRepo(hub, c, repoNameOf(c), "write");
    const branch = lastOf(c);
    if (branch === "main") throw new Refusal("forbidden", "The branch main cannot be deleted");
    await repo.update(async (state) => {
      const { [branch]: gone, ...branches } = state.branches;
      if (gone === undefined) throw new Refusal("revision_not_found", `Invalid rev id: ${branch}`);
      return { state: { ...state, branches }, result: undefined };
    });
    return c.body(null, 200);
  });

  app.post(`${base}/tag/:revision{.+}`, async (c) => {
    const { repo } = await openRepo(hub, c, repoNameOf(c), "write");
    const { tag, message } = tagBody.parse(await readJson(c));
    checkRefName(tag);
    await repo.update(async (state) => {
      if (Object.hasOwn(state.tags, tag)) throw taken(tag);
      const commit = await resolveRevision(repo, state, splitRevision(state, pathAfter(c, 5)).revision);
      const tags = { ...state.tags, [tag]: { commit, message: message ?? null } };
      return { state: { ...state, tags }, result: undefined };
    });
    return c.body(null, 200);
  });

  app.delete(`${base}/tag/:tag{.+}`, async (c) => {
    const { repo } = await openRepo(hub, c, repoNameOf(c), "write");
    const tag = lastOf(c);
    await repo.update(async (state) => {
      const { [tag]: gone, ...tags } = state.tags;
      if (gone === undefined) throw new Refusal("revision_not_found", `Invalid rev id: ${tag}`);
      return { state: { ...state, tags }, result: undefined };
    });
    return c.body(null, 200);
  });

  return app;
}

function lastOf(c: Context): string {
  return pathAfter(c, 5).split("/").map(decodeSegment).join("/");
}

function taken(name: string): Refusal {
  return new Refusal("exists", `Reference already exists: ${name}`);
}
