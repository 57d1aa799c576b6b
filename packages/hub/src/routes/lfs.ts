import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { readJson } from "../http/read-json.ts";
import { readTicket, signTicket, type UploadTicket } from "../http/signed-link.ts";
import { takeBody } from "../http/take-body.ts";
import { type HubContext, openRepo, originOf, repoNameOf } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import type { RepoName } from "../storage/names.ts";
import type { Repository } from "../storage/repository.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const batchBody = z.object({
  operation: z.string(),
  transfers: z.array(z.string()).nullish(),
  hash_algo: z
    .string()
    .regex(/^sha_?256$/)
    .nullish(),
  objects: z.array(z.object({ oid: sha256, size: z.number().int().min(0) })).max(1000),
});
const completeBody = z.object({
  oid: sha256,
  parts: z.array(z.object({ partNumber: z.number().int(), etag: z.string() })),
});
const verifyBody = z.object({ oid: sha256, size: z.number() });

const mediaType = "application/vnd.git-lfs+json";
const ticketSeconds = 6 * 3600;
const mostParts = 10_000;

/** Large files: the LFS batch request, uploads in one piece or in parts, and the check afterwards. */
export function lfsRoutes(hub: HubContext): Hono {
  const app = new Hono();

  async function batch(c: Context): Promise<Response> {
    const name = nameOf(c);
    const { repo, state } = await openRepo(hub, c, name, "write");
    const body = batchBody.parse(await readJson(c));
    if (body.operation !== "upload") throw new Refusal("invalid", `This hub offers no LFS ${body.operation}`);
    await repo.lfs.sweep(hub.now());
    const multipart = body.transfers?.includes("multipart") ?? false;
    const links = linksFor(hub, { origin: originOf(c), name, id: state.id });
    let transfer = "basic";
    const objects = [];
    for (const { oid, size } of body.objects) {
      if (await repo.lfs.has({ sha256: oid, size })) {
        objects.push({ oid, size });
        continue;
      }
      const inParts = multipart && size > hub.multipart.above;
      if (inParts) transfer = "multipart";
      const upload = inParts ? links.inParts(oid, size) : links.inOnePiece(oid, size);
      objects.push({ oid, size, authenticated: true, actions: { upload, verify: links.verify(oid, size) } });
    }
    return c.json({ transfer, objects }, 200, { "Content-Type": mediaType });
  }

  app.post("/:type{(?:datasets|spaces)}/:namespace/:repo{.+\\.git}/info/lfs/objects/batch", batch);
  app.post("/:namespace/:repo{.+\\.git}/info/lfs/objects/batch", batch);

  const object = "/_lfs/:type{(?:models|datasets|spaces)}/:namespace/:name/:oid{[0-9a-f]{64}}";

  app.put(object, async (c) => {
    const { repo, ticket } = await openTicket(hub, c);
    const pointer = { sha256: ticket.sha256, size: ticket.size };
    if (ticket.upload === null || ticket.part === null) {
      if (ticket.upload !== null)
        throw new Refusal("invalid", "This address takes the end of an upload, not bytes");
      await takeBody(c.req.raw.body, (body) => repo.lfs.put(pointer, body));
      return c.body(null, 200, { ETag: `"${ticket.sha256}"` });
    }
    const offset = (ticket.part - 1) * partSizeFor(hub, ticket.size);
    const length = Math.min(partSizeFor(hub, ticket.size), ticket.size - offset);
    const part = { upload: ticket.upload, offset, length };
    const etag = await takeBody(c.req.raw.body, (body) => repo.lfs.putPart(part, body));
    return c.body(null, 200, { ETag: `"${etag}"` });
  });

  app.post(object, async (c) => {
    const { repo, ticket } = await openTicket(hub, c);
    const pointer = { sha256: ticket.sha256, size: ticket.size };
    if (ticket.upload === null) {
      const { oid, size } = verifyBody.parse(await readJson(c));
      const complete = oid === pointer.sha256 && size === pointer.size && (await repo.lfs.has(pointer));
      if (!complete) throw new Refusal("upload_mismatch", "The file is not here, or has another size");
      return c.json({});
    }
    const { parts } = completeBody.parse(await readJson(c));
    const expected = Math.ceil(ticket.size / partSizeFor(hub, ticket.size));
    if (parts.length !== expected) {
      throw new Refusal("upload_mismatch", `Upload refused: ${parts.length} of ${expected} parts are named`);
    }
    await repo.lfs.complete(ticket.upload, pointer);
    return c.json({});
  });

  return app;
}

function nameOf(c: Context): RepoName {
  return { ...repoNameOf(c), name: (c.req.param("repo") ?? "").replace(/\.git$/, "") };
}

/** Very large files get larger parts, so that their number stays bounded. */
function partSizeFor(hub: HubContext, size: number): number {
  return Math.max(hub.multipart.partSize, Math.ceil(size / mostParts));
}

interface UploadAction {
  readonly href: string;
  readonly header?: Record<string, string>;
}

function linksFor(
  hub: HubContext,
  { origin, name, id }: { origin: string; name: RepoName; id: string },
): Record<"inOnePiece" | "inParts" | "verify", (oid: string, size: number) => UploadAction> {
  const base = `${origin}/_lfs/${name.type}s/${name.namespace}/${name.name}`;
  const expires = Math.floor(hub.now().getTime() / 1000) + ticketSeconds;
  const link = (ticket: Pick<UploadTicket, "sha256" | "size" | "upload" | "part">) =>
    `${base}/${ticket.sha256}?${signTicket(hub.secret, { ...ticket, repo: id, expires })}`;
  return {
    inOnePiece: (oid, size) => ({ href: link({ sha256: oid, size, upload: null, part: null }) }),
    verify: (oid, size) => ({ href: link({ sha256: oid, size, upload: null, part: null }) }),
    inParts: (oid, size) => {
      const upload = randomBytes(16).toString("hex");
      const partSize = partSizeFor(hub, size);
      const header: Record<string, string> = { chunk_size: String(partSize) };
      for (let part = 1; part <= Math.ceil(size / partSize); part++) {
        header[String(part).padStart(5, "0")] = link({ sha256: oid, size, upload, part });
      }
      return { href: link({ sha256: oid, size, upload, part: null }), header };
    },
  };
}

/** Clients send no token with the bytes of a file: the signed address itself says what may be written. */
async function openTicket(hub: HubContext, c: Context): Promise<{ repo: Repository; ticket: UploadTicket }> {
  const query = new URL(c.req.url).searchParams;
  const ticket = readTicket(hub.secret, { sha256: c.req.param("oid") ?? "", query, now: hub.now() });
  if (!ticket) throw new Refusal("forbidden", "This upload address is not valid, or its time is over");
  const repo = hub.repositories.open(repoNameOf(c));
  if ((await repo.state())?.id !== ticket.repo) throw new Refusal("repo_not_found", "Repository not found");
  return { repo, ticket };
}
