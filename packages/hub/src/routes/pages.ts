import { type Context, Hono } from "hono";
import { belongsTo } from "../auth.ts";
import { escapeHtml } from "../http/escape-html.ts";
import { pathAfter } from "../http/request-path.ts";
import { type HubContext, openRepo, repoNameOf, webPath } from "../hub-context.ts";
import { requireCommit } from "../storage/history.ts";
import type { RepoName, RepoType } from "../storage/names.ts";
import { resolveRevision, splitRevision } from "../storage/revision.ts";
import { listFiles } from "../storage/tree-walk.ts";

/** What a person sees who opens an address of the hub in a browser: the card and the files, without any script. */
export function pageRoutes(hub: HubContext): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    const caller = await hub.authenticate(c);
    const links: string[] = [];
    for (const type of ["model", "dataset", "space"] satisfies RepoType[]) {
      for await (const { repo, state } of hub.repositories.list(type)) {
        if (!state.private || belongsTo(caller, repo.namespace)) links.push(linkTo(repo));
      }
    }
    return page(c, {
      title: "Hub",
      body: list(links.length > 0 ? links : ["nothing has been published yet"]),
    });
  });

  async function repoPage(c: Context, revision: string | null): Promise<Response> {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "read");
    const wanted = revision === null ? "main" : splitRevision(state, revision).revision;
    const sha = await resolveRevision(repo, state, wanted);
    const files = await listFiles(repo.objects, (await requireCommit(repo.objects, sha)).tree);
    const readme = files.get("README.md");
    const card = readme === undefined ? "" : (await repo.objects.blob(readme)).toString("utf8");
    const rows: string[] = [];
    for (const [path, oid] of files) {
      const { size, lfs } = await repo.objects.blobFacts(oid);
      const href = `/${webPath(repo)}/resolve/${encodeURIComponent(wanted)}/${path.split("/").map(encodeURIComponent).join("/")}`;
      rows.push(
        `<a href="${escapeHtml(href)}">${escapeHtml(path)}</a> <small>${readableSize(lfs?.size ?? size)}</small>`,
      );
    }
    const heading = `<p>${escapeHtml(repo.type)} at ${escapeHtml(wanted)}, commit <code>${sha}</code></p>`;
    const body = `${heading}<h2>Card</h2><pre>${escapeHtml(card)}</pre><h2>Files</h2>${list(rows)}`;
    return page(c, { title: `${repo.namespace}/${repo.name}`, body });
  }

  for (const [base, segments] of [
    ["/:type{(?:datasets|spaces)}/:namespace/:name", 3],
    ["/:namespace/:name", 2],
  ] as const) {
    app.get(base, (c) => repoPage(c, null));
    app.get(`${base}/:view{(?:tree|commit)}/:rest{.+}`, (c) => repoPage(c, pathAfter(c, segments + 1)));
  }
  return app;
}

function linkTo(repo: RepoName): string {
  return `<a href="/${webPath(repo)}">${escapeHtml(webPath(repo))}</a>`;
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

function readableSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const style =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}" +
  "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8881;padding:1rem}";

function page(c: Context, { title, body }: { title: string; body: string }): Response {
  const name = escapeHtml(title);
  return c.html(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>` +
      `<meta name="viewport" content="width=device-width"><style>${style}</style></head>` +
      `<body><h1>${name}</h1>${body}</body></html>`,
    200,
    { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'" },
  );
}
