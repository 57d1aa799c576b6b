import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Refusal } from "../refusal.ts";
import { writeCommit } from "./add-commit.ts";
import { failedWith, syncFolder } from "./durable-file.ts";
import { checkRepoName, type RepoName, type RepoType } from "./names.ts";
import type { RepoState } from "./repo-state.ts";
import { createShared, layOut, openFolder, type Repository, writeFirstState } from "./repository.ts";

export interface NewRepository {
  readonly name: RepoName;
  readonly private: boolean;
  readonly sdk: string | null;
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  readonly author: { readonly name: string; readonly email: string };
  readonly now: Date;
}

/** All repositories under one root folder. */
export interface Repositories {
  /** Never touches the disk; whether the repository exists is seen when its state is read. */
  open(name: RepoName): Repository;
  /** Refuses with `exists` when the name is taken, also when two processes create it at the same time. */
  create(request: NewRepository): Promise<{ repo: Repository; state: RepoState }>;
  delete(name: RepoName): Promise<void>;
  move(from: RepoName, to: RepoName): Promise<void>;
  list(type: RepoType): AsyncGenerator<{ repo: Repository; state: RepoState }>;
}

/** Folders that hold no repository: half-made and half-removed ones. */
const workshop = ".workshop";

export function createRepositories(root: string): Repositories {
  const shared = createShared();
  const folderOf = ({ type, namespace, name }: RepoName): string => join(root, `${type}s`, namespace, name);

  function open(name: RepoName): Repository {
    return openFolder(folderOf(checkRepoName(name)), name, shared);
  }

  /** A rename onto a folder that is not empty fails, which makes it the test for "taken" and the act of taking. */
  async function take(from: string, to: RepoName): Promise<void> {
    const target = folderOf(to);
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(from, target);
    } catch (error) {
      if (failedWith(error, "ENOTEMPTY", "EEXIST")) {
        throw new Refusal("exists", `You already created this ${to.type} repo: ${to.namespace}/${to.name}`);
      }
      if (failedWith(error, "ENOENT")) throw new Refusal("repo_not_found", "Repository not found");
      throw error;
    }
    for (const folder of [dirname(target), dirname(dirname(target)), root]) await syncFolder(folder);
  }

  return {
    open,
    async create(request) {
      checkRepoName(request.name);
      const folder = join(root, workshop, randomUUID());
      await layOut(folder);
      try {
        const state = await writeInitialCommit(openFolder(folder, request.name, shared), request);
        await writeFirstState(folder, state);
        await take(folder, request.name);
        return { repo: open(request.name), state };
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
    async delete(name) {
      const gone = join(root, workshop, randomUUID());
      await mkdir(dirname(gone), { recursive: true });
      try {
        await rename(folderOf(checkRepoName(name)), gone);
      } catch (error) {
        if (failedWith(error, "ENOENT")) throw new Refusal("repo_not_found", "Repository not found");
        throw error;
      }
      await syncFolder(dirname(folderOf(name)));
      await rm(gone, { recursive: true, force: true });
    },
    async move(from, to) {
      checkRepoName(to);
      await take(folderOf(checkRepoName(from)), to);
    },
    async *list(type) {
      for (const namespace of await namesIn(join(root, `${type}s`))) {
        for (const name of await namesIn(join(root, `${type}s`, namespace))) {
          const repo = openFolder(folderOf({ type, namespace, name }), { type, namespace, name }, shared);
          const state = await repo.state();
          if (state) yield { repo, state };
        }
      }
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (failedWith(error, "ENOENT")) return [];
    throw error;
  }
}

async function writeInitialCommit(repo: Repository, request: NewRepository): Promise<RepoState> {
  const edits = [];
  for (const { path, content } of request.files) {
    edits.push({ kind: "put" as const, path, oid: await repo.objects.putBlob(content) });
  }
  const { author, now } = request;
  const main = await writeCommit(repo, {
    parent: null,
    edits,
    title: "initial commit",
    description: "",
    author,
    now,
  });
  return {
    format: 1,
    id: randomBytes(12).toString("hex"),
    created_at: now.toISOString(),
    modified_at: now.toISOString(),
    private: request.private,
    gated: false,
    sdk: request.sdk,
    branches: { main },
    tags: {},
    discussions: {},
  };
}
