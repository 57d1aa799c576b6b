import { Hono } from "hono";
import * as z from "zod";
import { readJsonLines } from "../http/json-lines.ts";
import { isOn } from "../http/page-link.ts";
import { pathAfter } from "../http/request-path.ts";
import { authorOf, type HubContext, openRepo, originOf, repoNameOf, webPath } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import { addCommit, addPullRequest } from "../storage/add-commit.ts";
import { requireCommit } from "../storage/history.ts";
import { encodePointer } from "../storage/lfs-pointer.ts";
import { checkFilePath } from "../storage/names.ts";
import type { RepoState } from "../storage/repo-state.ts";
import type { Repository } from "../storage/repository.ts";
import { findWritableRef, resolveRevision, splitRevision } from "../storage/revision.ts";
import type { TreeEdit } from "../storage/tree-edit.ts";
import { entryAt } from "../storage/tree-walk.ts";

const oid = z.string().regex(/^[0-9a-f]{64}$/);
const path = z.string();
const line = z.discriminatedUnion("key", [
  z.object({
    key: z.literal("header"),
    value: z.object({
      summary: z.string().min(1),
      description: z.string().nullish(),
      parentCommit: z
        .string()
        .regex(/^[0-9a-fA-F]{5,40}$/)
        .nullish(),
    }),
  }),
  z.object({
    key: z.literal("file"),
    value: z.object({ path, content: z.string(), encoding: z.enum(["utf-8", "base64"]).nullish() }),
  }),
  z.object({ key: z.literal("lfsFile"), value: z.object({ path, oid, size: z.number().nullish() }) }),
  z.object({ key: z.literal("deletedFile"), value: z.object({ path }) }),
  z.object({ key: z.literal("deletedFolder"), value: z.object({ path }) }),
  z.object({
    key: z.literal("copyFile"),
    value: z.object({ path, srcPath: z.string(), srcRevision: z.string().nullish() }),
  }),
]);
type Line = z.infer<typeof line>;
type Header = Extract<Line, { key: "header" }>["value"];
type Operation = Exclude<Line, { key: "header" }>;

/** A regular file of 48 MiB in base64. */
const longestLine = 64 * 1024 * 1024;

/** Commits: a header line, then one line for each operation. */
export function commitRoutes(hub: HubContext): Hono {
  const app = new Hono();
  app.post("/api/:type{(?:models|datasets|spaces)}/:namespace/:name/commit/:revision{.+}", async (c) => {
    const { repo, state, caller } = await openRepo(hub, c, repoNameOf(c), "write");
    const { revision } = splitRevision(state, pathAfter(c, 5));
    findWritableRef(state, revision);

    let header: Header | null = null;
    const edits: TreeEdit[] = [];
    for await (const parsed of readJsonLines(c.req.raw.body, { longest: longestLine })) {
      const entry = line.parse(parsed);
      if (entry.key === "header") header = entry.value;
      else edits.push(await toEdit(repo, state, revision, entry));
    }
    if (!header) throw new Refusal("invalid", "The commit has no header line");

    const request = {
      revision,
      edits,
      title: header.summary,
      description: header.description ?? "",
      parentCommit: header.parentCommit ?? null,
      author: authorOf(caller),
      now: hub.now(),
    };
    const page = `${originOf(c)}/${webPath(repo)}`;
    if (!isOn(c.req.query("create_pr"))) {
      const { oid: commitOid } = await addCommit(repo, request);
      return c.json({ success: true, commitOid, commitUrl: `${page}/commit/${commitOid}`, hookOutput: "" });
    }
    const { oid: commitOid, number } = await addPullRequest(repo, request);
    return c.json({
      success: true,
      commitOid,
      commitUrl: `${page}/commit/${commitOid}`,
      hookOutput: "",
      pullRequestUrl: `${page}/discussions/${number}`,
    });
  });
  return app;
}

async function toEdit(
  repo: Repository,
  state: RepoState,
  revision: string,
  operation: Operation,
): Promise<TreeEdit> {
  switch (operation.key) {
    case "file": {
      const { content, encoding } = operation.value;
      const blob = await repo.objects.putBlob(
        Buffer.from(content, encoding === "base64" ? "base64" : "utf8"),
      );
      return { kind: "put", path: checkFilePath(operation.value.path), oid: blob };
    }
    case "lfsFile": {
      const { oid: sha256, size } = operation.value;
      const stored = await repo.lfs.size(sha256);
      if (stored === null || (size ?? stored) !== stored) {
        throw new Refusal(
          "invalid",
          `"${operation.value.path}" has not been uploaded: no LFS object ${sha256} here`,
        );
      }
      const pointer = Buffer.from(encodePointer({ sha256, size: stored }));
      return {
        kind: "put",
        path: checkFilePath(operation.value.path),
        oid: await repo.objects.putBlob(pointer),
      };
    }
    case "deletedFile":
      return { kind: "remove_file", path: checkFilePath(operation.value.path) };
    case "deletedFolder":
      return { kind: "remove_folder", path: checkFilePath(operation.value.path.replace(/\/$/, "")) };
    case "copyFile": {
      const from = await resolveRevision(repo, state, operation.value.srcRevision ?? revision);
      const tree = (await requireCommit(repo.objects, from)).tree;
      const source = await entryAt(repo.objects, tree, operation.value.srcPath);
      if (source?.kind !== "file") {
        throw new Refusal(
          "entry_not_found",
          `A file with this name doesn't exist: ${operation.value.srcPath}`,
        );
      }
      return { kind: "put", path: checkFilePath(operation.value.path), oid: source.oid };
    }
  }
}
