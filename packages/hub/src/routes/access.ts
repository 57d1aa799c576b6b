import { type Context, Hono } from "hono";
import { requireWriter } from "../auth.ts";
import { type HubContext, openRepo, repoNameOf } from "../hub-context.ts";

/** Whether a caller may read or write a repository. */
export function accessRoutes(hub: HubContext): Hono {
  const app = new Hono();
  const base = "/api/:type{(?:models|datasets|spaces)}/:namespace/:name/auth-check";

  async function check(c: Context, write: boolean): Promise<Response> {
    const { repo, caller } = await openRepo(hub, c, repoNameOf(c), "read");
    if (write) requireWriter(caller, repo.namespace);
    return c.json({});
  }

  app.get(base, (c) => check(c, false));
  app.get(`${base}/write`, (c) => check(c, true));
  return app;
}
