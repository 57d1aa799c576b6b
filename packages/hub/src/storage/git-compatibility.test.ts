import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addCommit } from "./add-commit.ts";
import { createRepositories } from "./repositories.ts";

const hasGit = (() => {
  try {
    execFileSync("git", ["--version"], { stdio: "pipe" });
    return true;
  } catch {
    console.warn("SKIPPED: the hub's objects were not checked with git, which is not installed");
    return false;
  }
})();

it.skipIf(!hasGit)("stores objects that git itself finds sound and reads the same", async () => {
  const root = await mkdtemp(join(tmpdir(), "hub-git-"));
  try {
    const now = new Date("2026-01-02T03:04:05Z");
    const author = { name: "Ada <x>", email: "ada@example.org" };
    const name = { type: "model" as const, namespace: "ada", name: "m" };
    const files = [{ path: "a/b.txt", content: Buffer.from("text\n") }];
    const { repo } = await createRepositories(root).create({
      name,
      private: false,
      sdk: null,
      files,
      author,
      now,
    });
    const put = async (path: string, text: string) => ({
      kind: "put" as const,
      path,
      oid: await repo.objects.putBlob(Buffer.from(text)),
    });
    // Names that git sorts in its own way: "a" the folder after "a.txt", "a-b" before both.
    const edits = await Promise.all([
      put("a.txt", "1"),
      put("a-b", "2"),
      put("a/ü.txt", "3"),
      put("z/y/x", "4"),
    ]);
    const { oid } = await addCommit(repo, {
      revision: "main",
      edits,
      title: "second",
      description: "with\nlines",
      parentCommit: null,
      author,
      now,
    });

    const gitFolder = join(root, "checked.git");
    execFileSync("git", ["init", "--quiet", "--bare", gitFolder], { stdio: "pipe" });
    const git = (...args: string[]) =>
      execFileSync("git", ["--git-dir", gitFolder, "-c", "core.quotepath=false", ...args], {
        encoding: "utf8",
        stdio: "pipe",
        env: { PATH: process.env.PATH, HOME: root, GIT_OBJECT_DIRECTORY: join(repo.folder, "objects") },
      });
    expect(git("fsck", "--strict", "--full", oid)).not.toMatch(/error|missing|corrupt/);
    expect(git("log", "--format=%an|%ae|%s|%b|%cI", oid).split("\n\n")[0]).toContain(
      "Ada x|ada@example.org|second|with\nlines",
    );
    expect(git("ls-tree", "-r", "--name-only", oid).trim().split("\n")).toEqual([
      "a-b",
      "a.txt",
      "a/b.txt",
      "a/ü.txt",
      "z/y/x",
    ]);
    expect(git("cat-file", "blob", `${oid}:a/b.txt`)).toBe("text\n");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
