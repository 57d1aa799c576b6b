import { Hono } from "hono";
import * as z from "zod";
import { escapeHtml } from "../http/escape-html.ts";
import { numberWithin, setNextPage } from "../http/page-link.ts";
import { readJson } from "../http/read-json.ts";
import { pathAfter } from "../http/request-path.ts";
import { authorOf, type HubContext, openRepo, repoNameOf } from "../hub-context.ts";
import { requireCommit, walkHistory } from "../storage/history.ts";
import { findWritableRef, headOf, resolveRevision, splitRevision, withHead } from "../storage/revision.ts";
import { askedFields } from "./info.ts";

const squashBody = z.object({ message: z.string().nullish() });

/** The history of a revision, and squashing it. */
export function commitHistoryRoutes(hub: HubContext): Hono {
  const app = new Hono();
  const base = "/api/:type{(?:models|datasets|spaces)}/:namespace/:name";

  app.get(`${base}/commits/:revision{.+}`, async (c) => {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "see");
    const sha = await resolveRevision(repo, state, splitRevision(state, pathAfter(c, 5)).revision);
    const limit = numberWithin(c.req.query("limit"), { absent: 50, least: 1, most: 1000 });
    const page = numberWithin(c.req.query("p"), { absent: 0, least: 0, most: 999_999 });
    const formatted = askedFields(c).includes("formatted");
    const commits = [];
    let total = 0;
    for await (const commit of walkHistory(repo.objects, sha)) {
      if (total >= page * limit && total < (page + 1) * limit) {
        const { title, message } = splitMessage(commit.message);
        commits.push({
          id: commit.oid,
          title,
          message,
          authors: [{ user: commit.author, avatar: "" }],
          date: commit.date.toISOString(),
          ...(formatted ? { formatted: { title: escapeHtml(title), message: escapeHtml(message) } } : {}),
        });
      }
      total++;
    }
    c.header("X-Total-Count", String(total));
    if (total > (page + 1) * limit) setNextPage(c, { p: String(page + 1) });
    return c.json(commits);
  });

  app.post(`${base}/super-squash/:branch{.+}`, async (c) => {
    const { repo, caller } = await openRepo(hub, c, repoNameOf(c), "write");
    const { message } = squashBody.parse(await readJson(c));
    await repo.update(async (state) => {
      const ref = findWritableRef(state, splitRevision(state, pathAfter(c, 5)).revision);
      const { tree } = await requireCommit(repo.objects, headOf(state, ref));
      const { name: author, email } = authorOf(caller);
      const date = hub.now();
      const squashed = {
        tree,
        parent: null,
        author,
        email,
        date,
        message: message ?? "Super-squash history",
      };
      const oid = await repo.objects.putCommit(squashed);
      return { state: withHead(state, ref, oid), result: undefined };
    });
    return c.body(null, 200);
  });

  return app;
}

/** A commit message as its first line and the rest. */
export function splitMessage(message: string): { title: string; message: string } {
  const [title = "", ...rest] = message.split("\n");
  return { title, message: rest.join("\n").trim() };
}
