import { type Context, Hono } from "hono";
import * as z from "zod";
import { requireCaller, requireWriter } from "../auth.ts";
import { defaultGitattributes } from "../http/default-gitattributes.ts";
import { readJson } from "../http/read-json.ts";
import { authorOf, type HubContext, openRepo, originOf, repoNameOf, webPath } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import { checkFilePath, type RepoName } from "../storage/names.ts";

const type = z.enum(["model", "dataset", "space"]).nullish();
const visibility = z.enum(["public", "private", "protected"]).nullish();

const createBody = z.object({
  name: z.string(),
  organization: z.string().nullish(),
  type,
  private: z.boolean().nullish(),
  visibility,
  license: z.string().nullish(),
  sdk: z.string().nullish(),
  files: z
    .array(
      z.object({ path: z.string(), content: z.string(), encoding: z.enum(["base64", "utf-8"]).nullish() }),
    )
    .nullish(),
});

const deleteBody = z.object({ name: z.string(), organization: z.string().nullish(), type });
const moveBody = z.object({ fromRepo: z.string(), toRepo: z.string(), type });
const settingsBody = z.object({
  private: z.boolean().optional(),
  visibility: visibility.optional(),
  gated: z.union([z.literal(false), z.enum(["auto", "manual"])]).optional(),
});

/** Making, changing, moving and deleting repositories. */
export function repoRoutes(hub: HubContext): Hono {
  const app = new Hono();

  app.post("/api/repos/create", async (c) => {
    const body = createBody.parse(await readJson(c));
    const caller = requireCaller(await hub.authenticate(c));
    const name = nameIn(body, caller.user);
    requireWriter(caller, name.namespace);
    try {
      const { state } = await hub.repositories.create({
        name,
        private: body.private ?? (body.visibility === "private" || body.visibility === "protected"),
        sdk: name.type === "space" ? (body.sdk ?? "static") : null,
        files: initialFiles(body),
        author: authorOf(caller),
        now: hub.now(),
      });
      return c.json(created(c, name, state.id));
    } catch (error) {
      // Clients that allow an existing repository read its address from the 409.
      if (!(error instanceof Refusal && error.code === "exists")) throw error;
      throw new Refusal("exists", error.message, { details: created(c, name) });
    }
  });

  app.delete("/api/repos/delete", async (c) => {
    const body = deleteBody.parse(await readJson(c));
    const caller = requireCaller(await hub.authenticate(c));
    const name = nameIn(body, caller.user);
    await openRepo(hub, c, name, "write");
    await hub.repositories.delete(name);
    return c.body(null, 200);
  });

  app.post("/api/repos/move", async (c) => {
    const body = moveBody.parse(await readJson(c));
    const from = fullName(body.fromRepo, body.type);
    const to = fullName(body.toRepo, body.type);
    const { caller } = await openRepo(hub, c, from, "write");
    requireWriter(caller, to.namespace);
    await hub.repositories.move(from, to);
    return c.json({ url: `${originOf(c)}/${webPath(to)}` });
  });

  app.put("/api/:type{(?:models|datasets|spaces)}/:namespace/:name/settings", async (c) => {
    const body = settingsBody.parse(await readJson(c));
    const { repo } = await openRepo(hub, c, repoNameOf(c), "write");
    const wanted = body.private ?? (body.visibility ? body.visibility !== "public" : undefined);
    const state = await repo.update(async (old) => {
      const next = { ...old, private: wanted ?? old.private, gated: body.gated ?? old.gated };
      return { state: next, result: next };
    });
    return c.json({ private: state.private, gated: state.gated });
  });

  return app;
}

function created(c: Context, name: RepoName, id?: string): Record<string, unknown> {
  const full = `${name.namespace}/${name.name}`;
  return { url: `${originOf(c)}/${webPath(name)}`, name: full, id: id ?? full };
}

function nameIn(body: z.infer<typeof deleteBody>, user: string): RepoName {
  // Some clients put "namespace/name" into the name.
  const [first = "", second] = body.name.split("/", 2);
  return second === undefined
    ? { type: body.type ?? "model", namespace: body.organization ?? user, name: first }
    : { type: body.type ?? "model", namespace: first, name: second };
}

function fullName(id: string, repoType: z.infer<typeof type>): RepoName {
  const [namespace = "", name = "", ...rest] = id.split("/");
  if (rest.length > 0) throw new Refusal("invalid", `"${id}" is not of the form namespace/name`);
  return { type: repoType ?? "model", namespace, name };
}

function initialFiles(body: z.infer<typeof createBody>): { path: string; content: Uint8Array }[] {
  const given = (body.files ?? []).map(({ path, content, encoding }) => ({
    path: checkFilePath(path),
    content: Buffer.from(content, encoding === "utf-8" ? "utf8" : "base64"),
  }));
  const has = (path: string) => given.some((file) => file.path === path);
  const license = /^[\w.-]+$/.test(body.license ?? "") && !has("README.md");
  return [
    ...(has(".gitattributes")
      ? []
      : [{ path: ".gitattributes", content: Buffer.from(defaultGitattributes) }]),
    ...(license ? [{ path: "README.md", content: Buffer.from(`---\nlicense: ${body.license}\n---\n`) }] : []),
    ...given,
  ];
}
