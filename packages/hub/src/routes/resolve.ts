import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import { type ByteRange, parseByteRange } from "../http/byte-range.ts";
import { contentTypeOf } from "../http/content-type.ts";
import { pathAfter } from "../http/request-path.ts";
import { type HubContext, openRepo, repoNameOf } from "../hub-context.ts";
import { HubError } from "../hub-error.ts";
import { Refusal } from "../refusal.ts";
import { failedWith } from "../storage/durable-file.ts";
import { requireCommit } from "../storage/history.ts";
import type { Repository } from "../storage/repository.ts";
import { resolveRevision, splitRevision } from "../storage/revision.ts";
import { entryAt } from "../storage/tree-walk.ts";

/** A file's bytes, wherever they are kept. */
interface Content {
  readonly size: number;
  readonly etag: string;
  readonly lfs: boolean;
  /** Opened only when the bytes are sent. */
  read(start: number, end: number): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>;
}

/** Downloads: `resolve` follows LFS pointers, `raw` gives them as they are in git. */
export function resolveRoutes(hub: HubContext): Hono {
  const app = new Hono();

  async function answer(c: Context, segments: number): Promise<Response> {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "read");
    const { revision, path } = splitRevision(state, pathAfter(c, segments));
    const sha = await resolveRevision(repo, state, revision);
    const entry = await entryAt(repo.objects, (await requireCommit(repo.objects, sha)).tree, path);
    if (entry?.kind !== "file") {
      throw new Refusal("entry_not_found", `${path} does not exist on "${revision}"`, {
        headers: { "X-Repo-Commit": sha },
      });
    }
    const content = await openContent(repo, entry.oid, c.req.param("verb") === "raw");
    return send(c, { content, path, sha });
  }

  const verbs = ":verb{(?:resolve|raw)}";
  app.get(`/:type{(?:datasets|spaces)}/:namespace/:name/${verbs}/:rest{.+}`, (c) => answer(c, 4));
  app.get(`/:namespace/:name/${verbs}/:rest{.+}`, (c) => answer(c, 3));
  return app;
}

async function openContent(repo: Repository, oid: string, raw: boolean): Promise<Content> {
  const { size, lfs } = await repo.objects.blobFacts(oid);
  if (lfs && !raw) {
    const path = repo.lfs.pathOf(lfs.sha256);
    await checkStored(path, lfs.size);
    return {
      size: lfs.size,
      etag: lfs.sha256,
      lfs: true,
      read: (start, end) =>
        Readable.toWeb(createReadStream(path, { start, end })) as ReadableStream<Uint8Array>,
    };
  }
  const blob = await repo.objects.blob(oid);
  return { size, etag: oid, lfs: false, read: (start, end) => new Uint8Array(blob.subarray(start, end + 1)) };
}

async function checkStored(path: string, size: number): Promise<void> {
  let found: number | null = null;
  try {
    found = (await stat(path)).size;
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
  }
  if (found === size) return;
  throw new HubError("hub/damaged", `${path} should hold ${size} bytes and holds ${found ?? "none"}`, {
    mend: "upload the file again, which replaces it",
  });
}

function send(c: Context, { content, path, sha }: { content: Content; path: string; sha: string }): Response {
  const { size, lfs } = content;
  const etag = `"${content.etag}"`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const headers = new Headers({
    "X-Repo-Commit": sha,
    ETag: etag,
    "Accept-Ranges": "bytes",
    "Content-Type": contentTypeOf(path),
    "Content-Disposition": `inline; filename*=UTF-8''${encodeURIComponent(name)}; filename="${name.replace(/[^\w.-]/g, "_")}";`,
    "Cache-Control": "no-cache",
    // Files come from anybody: a browser shows them, and never runs them.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    ...(lfs ? { "X-Linked-Size": String(size), "X-Linked-ETag": etag } : {}),
  });
  if (c.req.header("If-None-Match") === etag) return new Response(null, { status: 304, headers });

  const ifRange = c.req.header("If-Range");
  const asked = ifRange === undefined || ifRange === etag ? c.req.header("Range") : undefined;
  const range: ByteRange = parseByteRange(asked, size);
  // JavaScript's client learns a file's size from Content-Range, also of an empty file, which has no first byte.
  if (size === 0) headers.set("Content-Range", "bytes */0");
  if (range.kind === "unsatisfiable" && size > 0) {
    headers.set("Content-Range", `bytes */${size}`);
    headers.delete("Content-Type");
    return new Response(null, { status: 416, headers });
  }
  const part = range.kind === "part" ? range : { start: 0, end: size - 1 };
  headers.set("Content-Length", String(part.end - part.start + 1));
  if (range.kind === "part") headers.set("Content-Range", `bytes ${part.start}-${part.end}/${size}`);
  const silent = c.req.method === "HEAD" || size === 0;
  return new Response(silent ? null : content.read(part.start, part.end), {
    status: range.kind === "part" ? 206 : 200,
    headers,
  });
}
