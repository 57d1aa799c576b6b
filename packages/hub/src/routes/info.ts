import { type Context, Hono } from "hono";
import { isOn } from "../http/page-link.ts";
import { pathAfter } from "../http/request-path.ts";
import { type HubContext, openRepo, repoNameOf } from "../hub-context.ts";
import { describeRepo, describeSiblings, pickFields } from "../repo-info.ts";
import { resolveRevision, splitRevision } from "../storage/revision.ts";

/** Model, dataset and space info, at main or at a revision. */
export function infoRoutes(hub: HubContext): Hono {
  const app = new Hono();
  const base = "/api/:type{(?:models|datasets|spaces)}/:namespace/:name";

  async function answer(c: Context, revision: string | null): Promise<Response> {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "see");
    const wanted = revision === null ? "main" : splitRevision(state, revision).revision;
    const sha = await resolveRevision(repo, state, wanted);
    const info = await describeRepo(repo, state, sha);
    const blobs = isOn(c.req.query("blobs")) || isOn(c.req.query("files_metadata"));
    const siblings = blobs ? await describeSiblings(repo, sha) : info.siblings;
    return c.json(pickFields({ ...info, siblings }, askedFields(c)));
  }

  app.get(base, (c) => answer(c, null));
  app.get(`${base}/revision/:revision{.+}`, (c) => answer(c, pathAfter(c, 5)));
  return app;
}

/** The fields that a client asks for, which it may write `expand=a&expand=b` or `expand[]=a`. */
export function askedFields(c: Context): string[] {
  return [...(c.req.queries("expand") ?? []), ...(c.req.queries("expand[]") ?? [])];
}
