import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { createAuthenticate, type HubAccount, type VerifyToken } from "./auth.ts";
import { classify, errorResponse } from "./http/error-response.ts";
import type { HubContext } from "./hub-context.ts";
import { Refusal } from "./refusal.ts";
import { accessRoutes } from "./routes/access.ts";
import { commitRoutes } from "./routes/commit.ts";
import { commitHistoryRoutes } from "./routes/commits.ts";
import { discussionRoutes } from "./routes/discussions.ts";
import { infoRoutes } from "./routes/info.ts";
import { lfsRoutes } from "./routes/lfs.ts";
import { listingRoutes } from "./routes/listing.ts";
import { pageRoutes } from "./routes/pages.ts";
import { preuploadRoutes } from "./routes/preupload.ts";
import { refRoutes } from "./routes/refs.ts";
import { repoRoutes } from "./routes/repos.ts";
import { resolveRoutes } from "./routes/resolve.ts";
import { treeRoutes } from "./routes/tree.ts";
import { validateYamlRoutes } from "./routes/validate-yaml.ts";
import { whoamiRoutes } from "./routes/whoami.ts";
import { prepareRoot } from "./storage/prepare-root.ts";
import { createRepositories } from "./storage/repositories.ts";

export interface HubOptions {
  /** Folder that holds everything; made when absent. Several processes may share it. */
  readonly root: string;
  /**
   * Accepted tokens. When absent any token that begins with `hf_` is accepted and stands for the user "local",
   * who may write to every namespace: meant for a server on loopback, which is what `serveHub` starts by default.
   */
  readonly tokens?: Readonly<Record<string, HubAccount>> | VerifyToken;
  /** Clock for commit dates and upload addresses. */
  readonly now?: () => Date;
  /** Files of more than `above` bytes are uploaded in parts of `partSize` bytes. Default: 128 MiB and 32 MiB. */
  readonly multipart?: { readonly above: number; readonly partSize: number };
  /** Told of faults of the hub itself (damage, full disk, defects). Default: the standard error output. */
  readonly onFault?: (fault: unknown, request: { method: string; path: string; id: string }) => void;
}

const mebibyte = 1024 * 1024;

/**
 * The Hugging Face Hub protocol over a folder, as a Hono application: serve it with `serveHub`, or hand `app.fetch`
 * to a client in the same process. What was acknowledged to a client has reached the disk.
 * Throws HubError `hub/root_unusable` when the folder cannot be made or written.
 */
export function createHub(options: HubOptions): Hono {
  const { root, tokens, now = () => new Date() } = options;
  const hub: HubContext = {
    repositories: createRepositories(root),
    authenticate: createAuthenticate(tokens),
    now,
    secret: prepareRoot(root).secret,
    multipart: options.multipart ?? { above: 128 * mebibyte, partSize: 32 * mebibyte },
  };
  const onFault =
    options.onFault ??
    ((fault, { method, path, id }) => console.error(`hub: ${method} ${path} failed (request ${id})`, fault));

  const app = new Hono();
  app.use(async (c, next) => {
    const given = c.req.header("X-Request-Id") ?? "";
    const id = /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
    await next();
    // A client that hung up is no fault of the hub.
    if (c.error && !c.req.raw.signal.aborted) {
      const fault = classify(c.error);
      if (!(fault instanceof Refusal)) onFault(fault, { method: c.req.method, path: c.req.path, id });
    }
    c.header("X-Request-Id", id);
  });
  app.onError((error) => errorResponse(classify(error)));
  app.notFound(() => errorResponse(new Refusal("not_found", "This hub has nothing at this address")));

  for (const routes of [
    whoamiRoutes(hub),
    validateYamlRoutes(),
    repoRoutes(hub),
    listingRoutes(hub),
    treeRoutes(hub),
    preuploadRoutes(hub),
    commitRoutes(hub),
    commitHistoryRoutes(hub),
    refRoutes(hub),
    discussionRoutes(hub),
    accessRoutes(hub),
    infoRoutes(hub),
    lfsRoutes(hub),
    resolveRoutes(hub),
    pageRoutes(hub),
  ]) {
    app.route("/", routes);
  }
  return app;
}
