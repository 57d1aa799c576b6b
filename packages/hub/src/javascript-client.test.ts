import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checkRepoAccess,
  commit,
  countCommits,
  createBranch,
  createRepo,
  deleteBranch,
  deleteFile,
  deleteRepo,
  downloadFile,
  fileDownloadInfo,
  fileExists,
  HubApiError,
  listCommits,
  listDatasets,
  listFiles,
  listModels,
  modelInfo,
  pathsInfo,
  repoExists,
  snapshotDownload,
  uploadFiles,
  whoAmI,
} from "@huggingface/hub";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHub } from "./create-hub.ts";
import { type HubServer, serveHub } from "./serve-hub.ts";

async function sha256Of(blob: Blob | null): Promise<string> {
  return createHash("sha256")
    .update(new Uint8Array((await blob?.arrayBuffer()) ?? []))
    .digest("hex");
}

/** The official JavaScript client, against a hub over a real socket. */
describe("@huggingface/hub", () => {
  let root: string;
  let server: HubServer;
  let hub: { hubUrl: string; accessToken: string };
  let stranger: { hubUrl: string; accessToken: string };
  const puts: string[] = [];

  const card = "---\nlicense: mit\npipeline_tag: tabular-classification\ntags:\n- digits\n---\n\n# Digits\n";
  const weights = new Uint8Array(700_000).map((_, index) => (index * 7919) % 251);
  const repo = { type: "model" as const, name: "ada/digits" };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "hub-js-"));
    const app = createHub({
      root,
      tokens: {
        hf_ada: { user: "ada", orgs: ["lab"], email: "ada@example.org" },
        hf_bob: { user: "bob" },
        hf_read: { user: "ada", role: "read" },
      },
      multipart: { above: 1_000_000, partSize: 400_000 },
    });
    server = await serveHub({ app });
    hub = { hubUrl: server.url, accessToken: "hf_ada" };
    stranger = { hubUrl: server.url, accessToken: "hf_bob" };
  });

  afterAll(async () => {
    await server.close();
    await rm(root, { recursive: true, force: true });
  });

  const files = async (
    options: { revision?: string; recursive?: boolean; path?: string; expand?: boolean } = {},
  ) => {
    const found = [];
    for await (const entry of listFiles({ repo, ...hub, ...options })) found.push(entry);
    return found;
  };
  const counting: typeof fetch = (input, init) => {
    if (init?.method === "PUT") puts.push(String(input));
    return fetch(input, init);
  };

  it("says who a token stands for", async () => {
    const me = await whoAmI(hub);
    expect(me).toMatchObject({
      type: "user",
      name: "ada",
      email: "ada@example.org",
      orgs: [{ name: "lab" }],
    });
    expect(me.auth).toMatchObject({ type: "access_token", accessToken: { role: "write" } });
  });

  it("refuses a token that it does not know", async () => {
    const refused = whoAmI({ ...hub, accessToken: "hf_wrong" });
    await expect(refused).rejects.toMatchObject({ statusCode: 401 });
    await expect(refused).rejects.toThrow("Invalid credentials in Authorization header");
  });

  it("creates a repository once", async () => {
    expect(await repoExists({ repo, ...hub })).toBe(false);
    const created = await createRepo({ repo, ...hub, license: "mit" });
    expect(created.repoUrl).toBe(`${server.url}/ada/digits`);
    expect(await repoExists({ repo, ...hub })).toBe(true);
    await expect(createRepo({ repo, ...hub })).rejects.toMatchObject({ statusCode: 409 });
    expect((await files()).map(({ path }) => path)).toEqual([".gitattributes", "README.md"]);
  });

  it("does not let anyone write to the namespace of somebody else", async () => {
    const other = { type: "model" as const, name: "ada/other" };
    await expect(createRepo({ repo: other, ...stranger })).rejects.toMatchObject({ statusCode: 403 });
    await expect(createRepo({ repo: other, ...hub, accessToken: "hf_read" })).rejects.toMatchObject({
      statusCode: 403,
    });
    const written = uploadFiles({ repo, ...stranger, files: [{ path: "x.txt", content: new Blob(["x"]) }] });
    await expect(written).rejects.toMatchObject({ statusCode: 403 });
  });

  it("uploads text into the commit and large files ahead of it", async () => {
    const result = await uploadFiles({
      repo,
      ...hub,
      fetch: counting,
      commitTitle: "first model",
      files: [
        { path: "README.md", content: new Blob([card]) },
        { path: "model/weights.safetensors", content: new Blob([weights]) },
        { path: "empty.txt", content: new Blob([]) },
      ],
    });
    expect(result?.commit.oid).toMatch(/^[0-9a-f]{40}$/);
    expect(puts).toHaveLength(1);
    const entries = await files({ recursive: true });
    expect(entries.map(({ path, type }) => [path, type])).toEqual([
      [".gitattributes", "file"],
      ["README.md", "file"],
      ["empty.txt", "file"],
      ["model", "directory"],
      ["model/weights.safetensors", "file"],
    ]);
    const sha256 = createHash("sha256").update(weights).digest("hex");
    expect(entries.at(-1)).toMatchObject({
      size: weights.length,
      lfs: { oid: sha256, size: weights.length },
    });
    // The id that git itself gives to this text.
    const blob = createHash("sha1").update(`blob ${card.length}\0${card}`).digest("hex");
    expect(entries[1]).toMatchObject({ oid: blob, size: card.length });
  });

  it("uploads in parts when a file is larger than the limit, and nothing when it is already there", async () => {
    puts.length = 0;
    const big = new Uint8Array(1_100_000).map((_, index) => (index * 31) % 253);
    const upload = { repo, ...hub, fetch: counting, files: [{ path: "big.bin", content: new Blob([big]) }] };
    await uploadFiles(upload);
    expect(puts).toHaveLength(3);
    await uploadFiles({ ...upload, files: [{ path: "copy.bin", content: new Blob([big]) }] });
    expect(puts).toHaveLength(3);
    const back = await downloadFile({ repo, path: "copy.bin", ...hub });
    expect(await sha256Of(back)).toBe(await sha256Of(new Blob([big])));
  });

  it("downloads files and ranges of them", async () => {
    const info = await fileDownloadInfo({ repo, path: "model/weights.safetensors", ...hub });
    expect(info).toMatchObject({ size: weights.length });
    const file = await downloadFile({ repo, path: "model/weights.safetensors", ...hub });
    expect(await sha256Of(file)).toBe(await sha256Of(new Blob([weights])));
    const slice = await file?.slice(1000, 1010).arrayBuffer();
    expect(new Uint8Array(slice ?? [])).toEqual(weights.slice(1000, 1010));
    expect(await (await downloadFile({ repo, path: "README.md", ...hub }))?.text()).toBe(card);
  });

  it("downloads an empty file", async () => {
    const file = await downloadFile({ repo, path: "empty.txt", ...hub });
    expect([file?.size, await file?.text()]).toEqual([0, ""]);
  });

  it("gives the pointer of a large file as raw", async () => {
    const pointer = await downloadFile({ repo, path: "model/weights.safetensors", raw: true, ...hub });
    expect(await pointer?.text()).toMatch(/^version https:\/\/git-lfs/);
  });

  it("answers null for a file that is not there", async () => {
    expect(await fileDownloadInfo({ repo, path: "nothing.txt", ...hub })).toBeNull();
    expect(await fileExists({ repo, path: "nothing.txt", ...hub })).toBe(false);
    expect(await fileExists({ repo, path: "README.md", ...hub })).toBe(true);
  });

  it("tells about named paths", async () => {
    const paths = ["model", "README.md", "nothing"];
    expect((await pathsInfo({ repo, paths, ...hub })).map(({ path }) => path)).toEqual([
      "model",
      "README.md",
    ]);
    const found = await pathsInfo({ repo, paths, expand: true, ...hub });
    expect(found.map(({ path, type }) => [path, type])).toEqual([
      ["model", "directory"],
      ["README.md", "file"],
    ]);
    expect(found[0]?.lastCommit.title).toBe("first model");
  });

  it("reads a model's card into its info", async () => {
    const info = await modelInfo({
      name: repo.name,
      additionalFields: ["tags", "sha", "cardData", "filePaths"],
      ...hub,
    });
    expect(info).toMatchObject({
      name: "ada/digits",
      task: "tabular-classification",
      private: false,
      gated: false,
    });
    expect(info.tags).toEqual(expect.arrayContaining(["digits", "license:mit", "safetensors"]));
    expect(info.cardData).toMatchObject({ license: "mit" });
    expect(info.filePaths).toContain("model/weights.safetensors");
  });

  it("commits on a branch without touching main", async () => {
    await createBranch({ repo, branch: "feature/a", ...hub });
    await expect(createBranch({ repo, branch: "feature/a", ...hub })).rejects.toMatchObject({
      statusCode: 409,
    });
    await createBranch({ repo, branch: "feature/a", overwrite: true, ...hub });
    const content = new Blob(["on the branch"]);
    await uploadFiles({ repo, branch: "feature/a", files: [{ path: "branch.txt", content }], ...hub });
    expect(await fileExists({ repo, path: "branch.txt", revision: "feature/a", ...hub })).toBe(true);
    expect(await fileExists({ repo, path: "branch.txt", ...hub })).toBe(false);
    expect((await files({ revision: "feature/a" })).map(({ path }) => path)).toContain("branch.txt");
    await deleteBranch({ repo, branch: "feature/a", ...hub });
    await expect(files({ revision: "feature/a" })).rejects.toMatchObject({ statusCode: 404 });
  });

  it("begins an empty branch with nothing in it", async () => {
    await createBranch({ repo, branch: "blank", empty: true, ...hub });
    expect(await files({ revision: "blank" })).toEqual([]);
  });

  it("opens a pull request and leaves main alone", async () => {
    const opened = await uploadFiles({
      repo,
      ...hub,
      isPullRequest: true,
      commitTitle: "a proposal",
      files: [{ path: "proposal.txt", content: new Blob(["why not"]) }],
    });
    expect(opened?.pullRequestUrl).toBe(`${server.url}/ada/digits/discussions/1`);
    expect(await fileExists({ repo, path: "proposal.txt", ...hub })).toBe(false);
    expect(await fileExists({ repo, path: "proposal.txt", revision: "refs/pr/1", ...hub })).toBe(true);
    expect((await files({ revision: "refs/pr/1" })).map(({ path }) => path)).toContain("proposal.txt");
  });

  it("lists and counts commits, newest first, in pages", async () => {
    const titles = [];
    for await (const { title } of listCommits({ repo, batchSize: 2, ...hub })) titles.push(title);
    expect(titles).toHaveLength(4);
    expect(titles.at(-1)).toBe("initial commit");
    expect(await countCommits({ repo, ...hub })).toBe(4);
  });

  it("refuses a commit on a parent that is not the newest", async () => {
    const commits = [];
    for await (const entry of listCommits({ repo, ...hub })) commits.push(entry.oid);
    const attempt = (parentCommit: string) =>
      commit({
        repo,
        ...hub,
        title: "on a parent",
        parentCommit,
        operations: [{ operation: "addOrUpdate", path: "parent.txt", content: new Blob(["x"]) }],
      });
    await expect(attempt(commits[1] ?? "")).rejects.toMatchObject({ statusCode: 412 });
    expect(await fileExists({ repo, path: "parent.txt", ...hub })).toBe(false);
    await attempt(commits[0] ?? "");
    expect(await fileExists({ repo, path: "parent.txt", ...hub })).toBe(true);
  });

  it("deletes a file, and refuses to delete what is not there", async () => {
    await deleteFile({ repo, path: "parent.txt", ...hub });
    expect(await fileExists({ repo, path: "parent.txt", ...hub })).toBe(false);
    await expect(deleteFile({ repo, path: "parent.txt", ...hub })).rejects.toMatchObject({ statusCode: 404 });
  });

  it("downloads a snapshot", async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), "hub-cache-"));
    try {
      const folder = await snapshotDownload({ repo, cacheDir, ...hub });
      expect(await readFile(join(folder, "README.md"), "utf8")).toBe(card);
      const copy = new Blob([await readFile(join(folder, "model/weights.safetensors"))]);
      expect(await sha256Of(copy)).toBe(await sha256Of(new Blob([weights])));
    } finally {
      await rm(cacheDir, { recursive: true, force: true });
    }
  });

  it("lists models by author, words, tags and task, in pages", async () => {
    await createRepo({ repo: { type: "model", name: "lab/second" }, ...hub });
    await createRepo({ repo: { type: "model", name: "bob/third" }, ...stranger });
    await createRepo({ repo: { type: "dataset", name: "ada/data" }, ...hub });
    const names = async (search?: {
      query?: string;
      owner?: string;
      task?: "tabular-classification";
      tags?: string[];
    }) => {
      const found = [];
      for await (const { name } of listModels({ ...hub, ...(search ? { search } : {}) })) found.push(name);
      return found.sort();
    };
    expect(await names()).toEqual(["ada/digits", "bob/third", "lab/second"]);
    expect(await names({ owner: "bob" })).toEqual(["bob/third"]);
    expect(await names({ query: "SEC" })).toEqual(["lab/second"]);
    expect(await names({ task: "tabular-classification" })).toEqual(["ada/digits"]);
    expect(await names({ tags: ["digits"] })).toEqual(["ada/digits"]);
    expect(await names({ tags: ["other"] })).toEqual([]);
    const datasets = [];
    for await (const { name } of listDatasets(hub)) datasets.push(name);
    expect(datasets).toEqual(["ada/data"]);

    const seen: string[] = [];
    let next: string | undefined = `${server.url}/api/models?limit=1&sort=id`;
    while (next) {
      const page: Response = await fetch(next);
      for (const { id } of (await page.json()) as { id: string }[]) seen.push(id);
      next = /<(.*)>; rel="next"/.exec(page.headers.get("Link") ?? "")?.[1];
    }
    expect(seen).toEqual(["ada/digits", "bob/third", "lab/second"]);
  });

  it("lets everyone read what is public, and hides what is private", async () => {
    const secret = { type: "model" as const, name: "ada/secret" };
    await createRepo({ repo: secret, private: true, ...hub });
    const anonymous = { hubUrl: server.url };
    expect(await (await downloadFile({ repo, path: "README.md", ...anonymous }))?.text()).toBe(card);
    await checkRepoAccess({ repo: secret, ...hub });
    expect(await repoExists({ repo: secret, ...anonymous })).toBe(false);
    await expect(checkRepoAccess({ repo: secret, ...stranger })).rejects.toMatchObject({ statusCode: 404 });
    await expect(downloadFile({ repo: secret, path: "README.md", ...anonymous })).rejects.toMatchObject({
      statusCode: 401,
    });
    const visible = [];
    for await (const { name } of listModels(stranger)) visible.push(name);
    expect(visible).not.toContain("ada/secret");
  });

  it("deletes a repository", async () => {
    const doomed = { type: "model" as const, name: "ada/doomed" };
    await createRepo({ repo: doomed, ...hub });
    await expect(deleteRepo({ repo: doomed, ...stranger })).rejects.toBeInstanceOf(HubApiError);
    await deleteRepo({ repo: doomed, ...hub });
    expect(await repoExists({ repo: doomed, ...hub })).toBe(false);
    await createRepo({ repo: doomed, ...hub });
    expect(await countCommits({ repo: doomed, ...hub })).toBe(1);
  });

  it("works in the same process, without a socket", async () => {
    const app = createHub({ root: join(root, "in-process") });
    const inside = {
      hubUrl: "http://hub.internal",
      accessToken: "hf_local",
      repo: { type: "model" as const, name: "local/inside" },
      fetch: (async (input, init) => app.fetch(new Request(input, init))) as typeof fetch,
    };
    await createRepo(inside);
    const files = [
      { path: "a.txt", content: new Blob(["a"]) },
      { path: "w.bin", content: new Blob([weights]) },
    ];
    await uploadFiles({ ...inside, files });
    expect(await sha256Of(await downloadFile({ ...inside, path: "w.bin" }))).toBe(
      await sha256Of(new Blob([weights])),
    );
  });
});
