import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Fetch } from "../../http/fetch.ts";
import { WebClient } from "../../http/web-client.ts";
import { embeddedHub } from "../../testing/embedded-hub.ts";
import { recordedFetch, recordings } from "../../testing/recorded-fetch.ts";
import { HUGGING_FACE, type Hub, openHub } from "../hub.ts";
import { type HubRepo, hubRepo } from "../hub-repo.ts";
import { changeHubDiscussion } from "./change-hub-discussion.ts";
import { commentOnHubDiscussion } from "./comment-on-hub-discussion.ts";
import { createHubBranch } from "./create-hub-branch.ts";
import { createHubRepo } from "./create-hub-repo.ts";
import { createHubTag } from "./create-hub-tag.ts";
import { deleteHubBranch } from "./delete-hub-branch.ts";
import { deleteHubFiles } from "./delete-hub-files.ts";
import { deleteHubTag } from "./delete-hub-tag.ts";
import { listHubDiscussions } from "./list-hub-discussions.ts";
import { listHubFiles } from "./list-hub-files.ts";
import { listHubRefs } from "./list-hub-refs.ts";
import { mergeHubPullRequest } from "./merge-hub-pull-request.ts";
import { openHubDiscussion } from "./open-hub-discussion.ts";
import { readHubDiscussion } from "./read-hub-discussion.ts";
import { readHubFile } from "./read-hub-file.ts";
import { uploadHubFiles } from "./upload-hub-files.ts";

const signal = new AbortController().signal;
const folder = recordings();
const service = folder === null ? "" : join(folder, "hf-hub");
const repo: HubRepo = { kind: "dataset", id: "me/rows" };
const text = (content: string): Blob => new Blob([content]);

it("a repository is made, filled in one commit, listed, read and emptied by patterns", async () => {
  await using server = await embeddedHub();
  const hub = server.open();
  expect(await createHubRepo(hub, { repo, isPublic: true, signal })).toBe(`${server.url}/datasets/me/rows`);
  const large = new Blob([new Uint8Array(12_000_000).fill(7)]);
  const phases: string[] = [];
  const commit = await uploadHubFiles(hub, {
    repo,
    title: "Rows",
    files: [
      { path: "README.md", content: text("# Rows\n") },
      { path: "a/b c.csv", content: text("x,y\n1,2\n") },
      { path: "a/large.bin", content: large },
      { path: "empty.txt", content: text("") },
    ],
    onProgress: (event) => void (event.event === "phase" && phases.push(event.phase)),
    signal,
  });
  expect(commit).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{40}$/), pullRequest: null });
  expect(phases).toEqual(["preuploading", "uploadingLargeFiles", "committing"]);
  const files = await listHubFiles(hub, { repo, folder: "a", signal });
  expect(files).toMatchObject([
    { path: "a/b c.csv", size: 8, checksum: { kind: "git" } },
    { path: "a/large.bin", size: 12_000_000, checksum: { kind: "sha256" } },
  ]);
  expect(await readHubFile(hub, { repo, path: "a/b c.csv", signal })).toEqual({
    path: "a/b c.csv",
    size: 8,
    text: "x,y\n1,2\n",
    isWhole: true,
  });
  expect(await readHubFile(hub, { repo, path: "a/b c.csv", maxBytes: 3, signal })).toMatchObject({
    text: "x,y",
    size: 8,
    isWhole: false,
  });
  expect(await readHubFile(hub, { repo, path: "a/large.bin", signal })).toMatchObject({
    size: 12_000_000,
    isWhole: false,
  });
  expect(await readHubFile(hub, { repo, path: "empty.txt", signal })).toMatchObject({
    text: "",
    size: 0,
    isWhole: true,
  });
  const gone = await deleteHubFiles(hub, { repo, patterns: ["a/**"], title: "Away", signal });
  expect(gone.deleted).toEqual(["a/b c.csv", "a/large.bin"]);
  expect((await listHubFiles(hub, { repo, signal })).map(({ path }) => path)).toEqual([
    ".gitattributes",
    "README.md",
    "empty.txt",
  ]);
});

it("branches and tags are made, listed with their commits, and deleted", async () => {
  await using server = await embeddedHub();
  const hub = server.open();
  await createHubRepo(hub, { repo, signal });
  const { commit } = await uploadHubFiles(hub, {
    repo,
    title: "One",
    files: [{ path: "a", content: text("1") }],
    signal,
  });
  await createHubBranch(hub, { repo, branch: "try/one", signal });
  await uploadHubFiles(hub, {
    repo,
    branch: "try/one",
    title: "Two",
    files: [{ path: "a", content: text("2") }],
    signal,
  });
  await createHubTag(hub, { repo, tag: "v1", message: "first", signal });
  const refs = await listHubRefs(hub, { repo, signal });
  expect(refs.branches.map(({ name }) => name).sort()).toEqual(["main", "try/one"]);
  expect(refs.tags).toEqual([{ name: "v1", commit }]);
  expect((await readHubFile(hub, { repo, path: "a", revision: "try/one", signal })).text).toBe("2");
  expect((await readHubFile(hub, { repo, path: "a", revision: "v1", signal })).text).toBe("1");
  await deleteHubBranch(hub, { repo, branch: "try/one", signal });
  await deleteHubTag(hub, { repo, tag: "v1", signal });
  const left = await listHubRefs(hub, { repo, signal });
  expect([left.branches.length, left.tags.length]).toEqual([1, 0]);
});

it("a pull request is opened with a commit, discussed, and merged; a discussion is closed", async () => {
  await using server = await embeddedHub();
  const hub = server.open();
  await createHubRepo(hub, { repo, signal });
  await uploadHubFiles(hub, { repo, title: "One", files: [{ path: "a", content: text("1\n") }], signal });
  const commit = await uploadHubFiles(hub, {
    repo,
    title: "Better rows",
    asPullRequest: true,
    files: [{ path: "a", content: text("2\n") }],
    signal,
  });
  const number = commit.pullRequest?.number ?? 0;
  expect((await readHubFile(hub, { repo, path: "a", signal })).text).toBe("1\n");
  await commentOnHubDiscussion(hub, { repo, number, comment: "Looks right.", signal });
  const details = await readHubDiscussion(hub, { repo, number, signal });
  expect(details).toMatchObject({ isPullRequest: true, author: "me", conflicts: [] });
  expect(details.events.map(({ text }) => text)).toContain("Looks right.");
  expect(details.diff).toContain("+2");
  await mergeHubPullRequest(hub, { repo, number, signal });
  expect((await readHubFile(hub, { repo, path: "a", signal })).text).toBe("2\n");
  const question = await openHubDiscussion(hub, {
    repo,
    title: "A question",
    description: "Where from?",
    signal,
  });
  await changeHubDiscussion(hub, { repo, number: question.number, status: "closed", signal });
  const { discussions, total } = await listHubDiscussions(hub, { repo, limit: 10, signal });
  expect(total).toBe(2);
  expect(discussions.map(({ status }) => status).sort()).toEqual(["closed", "merged"]);
  const onlyPulls = await listHubDiscussions(hub, { repo, only: "pull_requests", limit: 10, signal });
  expect(onlyPulls.discussions.map(({ title }) => title)).toEqual(["Better rows"]);
});

it("what a hub refuses is said with its mend", async () => {
  await using server = await embeddedHub();
  const hub = server.open();
  await createHubRepo(hub, { repo, signal });
  const files = [{ path: "a", content: text("1") }];
  const first = await uploadHubFiles(hub, { repo, title: "One", files, signal });
  await expect(createHubRepo(hub, { repo, signal })).rejects.toMatchObject({
    message: /already/,
    mend: /another name/,
  });
  // Private: who has no token or another one cannot see that it is there.
  for (const token of [null, "hf_other"]) {
    const stranger = server.open({ token });
    await expect(listHubFiles(stranger, { repo, signal })).rejects.toMatchObject({
      code: "web/not_found",
      message: /no dataset me\/rows, or it is private/,
      mend: /HF_TOKEN/,
    });
    await expect(uploadHubFiles(stranger, { repo, title: "x", files, signal })).rejects.toMatchObject({
      name: "WebError",
      mend: expect.any(String),
    });
  }
  await expect(listHubFiles(server.open({ token: "hf_wrong" }), { repo, signal })).rejects.toMatchObject({
    code: "web/unauthorized",
    mend: /token/,
  });
  await expect(listHubFiles(hub, { repo, revision: "nowhere", signal })).rejects.toMatchObject({
    code: "web/not_found",
    mend: /branches and tags/,
  });
  await expect(readHubFile(hub, { repo, path: "nothing.txt", signal })).rejects.toMatchObject({
    code: "web/not_found",
    message: /nothing\.txt/,
  });
  await uploadHubFiles(hub, { repo, title: "Two", files: [{ path: "b", content: text("2") }], signal });
  await expect(
    uploadHubFiles(hub, { repo, title: "Late", parent: first.commit, files, signal }),
  ).rejects.toMatchObject({ code: "web/refused", mend: /committed since/ });
  await expect(deleteHubFiles(hub, { repo, patterns: ["*.bin"], title: "x", signal })).rejects.toMatchObject({
    message: /no file like \*\.bin/,
  });
  await expect(createHubBranch(hub, { repo, branch: "main", signal })).rejects.toMatchObject({ status: 409 });
  await expect(mergeHubPullRequest(hub, { repo, number: 99, signal })).rejects.toMatchObject({
    code: "web/not_found",
  });
});

it("an upload that is stopped leaves the repository as it was", async () => {
  await using server = await embeddedHub();
  const hub = server.open();
  await createHubRepo(hub, { repo, signal });
  const stop = new AbortController();
  const uploading = uploadHubFiles(hub, {
    repo,
    title: "Large",
    files: [{ path: "large.bin", content: new Blob([new Uint8Array(30_000_000)]) }],
    onProgress: (event) =>
      void (
        event.event === "phase" &&
        event.phase === "uploadingLargeFiles" &&
        stop.abort(new Error("stopped"))
      ),
    signal: stop.signal,
  });
  await expect(uploading).rejects.toThrow("stopped");
  expect((await listHubFiles(hub, { repo, signal })).map(({ path }) => path)).toEqual([".gitattributes"]);
});

it.each([
  ["dataset", "https://huggingface.co/datasets/stanfordnlp/imdb/tree/main/data", "stanfordnlp/imdb"],
  ["model", "gpt2", "gpt2"],
  ["model", " Qwen/Qwen3-0.6B ", "Qwen/Qwen3-0.6B"],
] as const)("a %s may be written as %s", (kind, written, id) => {
  expect(hubRepo(kind, written)).toEqual({ kind, id });
});

it.each(["", "a/b/c", "../x", "a/..", "a b/c", "a?b/c"])("%j is no repository", (written) => {
  expect(() => hubRepo("model", written)).toThrow(expect.objectContaining({ code: "web/bad_url" }));
});

describe.skipIf(folder === null)("huggingface.co", () => {
  const net: HubRepo = { kind: "model", id: "example-org/lora-intent-8b" };
  const recorded = (file: string): Hub =>
    openHub(new WebClient({ cache: null, fetch: recordedFetch([service], { file }) }), HUGGING_FACE);

  it("lists files page after page, each with what its bytes have to be", async () => {
    const tree = recordedFetch([service], { file: "model-tree.ok.json" });
    const fetch: Fetch = async (url, init) =>
      url.includes("cursor=") ? Response.json([]) : await tree(url, init);
    const hub = openHub(new WebClient({ cache: null, fetch }), HUGGING_FACE);
    expect(await listHubFiles(hub, { repo: net, signal })).toMatchObject([
      { path: ".gitattributes", size: 1519, checksum: { kind: "git" } },
      { path: "model-00001-of-00002.safetensors", size: 4967497768, checksum: { kind: "sha256" } },
      { path: "README.md", size: 5200 },
    ]);
  });

  it.each([
    ["error.repo-not-found.401.json", "web/not_found", /or it is private/, /HF_TOKEN/],
    ["error.repo-not-found.404.json", "web/not_found", /or it is private/, /HF_TOKEN/],
    [
      "error.gated.403.json",
      "web/forbidden",
      /gated/,
      /Ask for access at https:\/\/huggingface\.co\/example-org/,
    ],
    [
      "error.revision-not-found.404.json",
      "web/not_found",
      /revision \(no-such-branch\)/,
      /branches and tags/,
    ],
    ["error.bad-token.401.json", "web/unauthorized", /Invalid credentials/, /token/],
    ["models.malformed.txt", "web/malformed", /no whole JSON/, /later/],
    ["whoami.user.json", "web/malformed", /expected array/, /later/],
  ] as const)("that answers %s is %s", async (file, code, message, mend) => {
    const listing = listHubFiles(recorded(file), { repo: net, revision: "no-such-branch", signal });
    await expect(listing).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      mend: expect.stringMatching(mend),
    });
  });
});
