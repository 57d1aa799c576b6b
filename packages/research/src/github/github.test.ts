import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { recordedFetch, recordings } from "../testing/recorded-fetch.ts";
import { repositoryPath } from "./ask-github.ts";
import { findExamples } from "./find-examples.ts";
import { listFiles } from "./list-files.ts";
import { readGithubFile } from "./read-file.ts";
import { searchCode } from "./search-code.ts";
import { searchRepositories } from "./search-repositories.ts";

const signal = new AbortController().signal;
const folder = recordings();
const service = folder === null ? "" : join(folder, "github");

function github(file?: string): WebClient {
  const fetch = recordedFetch([service], file === undefined ? {} : { file });
  return new WebClient({ cache: null, fetch, random: () => 0 });
}

describe.skipIf(folder === null)("GitHub", () => {
  it("code is found with the lines around it", async () => {
    const found = await searchCode(github("search-code.text-match.json"), {
      query: "HTTPAdapter",
      limit: 2,
      signal,
    });
    expect(found.hits).toHaveLength(2);
    expect(found.hits[0]).toMatchObject({
      repository: "kennethreitz/requests",
      path: "requests/adapters.py",
    });
    expect(found.hits[0]?.fragments[0]).toContain("class HTTPAdapter(BaseAdapter)");
    expect(found.isComplete).toBe(true);
  });

  it("a search that was cut short says so, one that finds nothing is no error", async () => {
    const cut = await searchCode(github("search-code.incomplete.json"), {
      query: "Trainer",
      limit: 9,
      signal,
    });
    expect(cut.isComplete).toBe(false);
    const empty = await searchCode(github("search-code.empty.json"), { query: "zzzz", limit: 9, signal });
    expect(empty).toEqual({ hits: [], total: 0, isComplete: true });
  });

  it.each([
    ["search-code.no-token.401.json", "web/unauthorized", /GITHUB_TOKEN/],
    ["search-code.bad-query.422.json", "web/refused", /what it says/],
    ["rate-limit.primary.403.json", "web/rate_limited", /token/],
    ["rate-limit.secondary.403.json", "web/rate_limited", /Ask again/],
    ["bad-credentials.401.json", "web/unauthorized", /token/],
  ])("%s is %s", async (file, code, mend) => {
    const asking = searchCode(github(file), { query: "SFTTrainer", limit: 5, signal });
    await expect(asking).rejects.toMatchObject({ code, mend: expect.stringMatching(mend) });
  });

  it("a refusal says why", async () => {
    const asking = searchCode(github("search-code.bad-query.422.json"), { query: "x", limit: 5, signal });
    await expect(asking).rejects.toThrow(/Validation Failed: The listed users and repositories cannot/);
  });

  it("repositories are found with what one chooses them by", async () => {
    const { hits, total } = await searchRepositories(github("search-repositories.ok.json"), {
      query: "github3",
      sort: "stars",
      limit: 3,
      signal,
    });
    expect(hits).toHaveLength(3);
    expect(total).toBeGreaterThan(3);
    expect(hits[0]).toMatchObject({
      name: expect.stringContaining("/"),
      stars: expect.any(Number),
      language: "Python",
    });
    await expect(
      searchRepositories(github("search-repositories.malformed.txt"), {
        query: "x",
        sort: "best",
        limit: 3,
        signal,
      }),
    ).rejects.toMatchObject({ code: "web/malformed" });
  });

  it("files are listed; a list that is too long says so, an empty repository has none", async () => {
    const trl = await listFiles(github("tree.trl.recursive.json"), {
      repository: "huggingface/trl",
      folder: "examples/scripts/",
      signal,
    });
    expect(trl.files.length).toBeGreaterThan(10);
    expect(trl.files.every(({ path }) => path.startsWith("examples/scripts/"))).toBe(true);
    expect(
      await listFiles(github("tree.truncated.json"), { repository: "example/huge", signal }),
    ).toMatchObject({ isComplete: false });
    expect(
      await listFiles(github("tree.empty-repository.409.json"), { repository: "example/empty", signal }),
    ).toEqual({
      files: [],
      isComplete: true,
    });
  });

  it("examples of a keyword come first by their name", async () => {
    const asking = { repository: "huggingface/trl", keyword: "grpo vlm", limit: 5, signal };
    const { examples } = await findExamples(github("tree.trl.recursive.json"), asking);
    expect(examples[0]?.path).toBe("examples/scripts/grpo_vlm.py");
    expect(examples.every(({ path }) => path.includes("grpo") || path.includes("vlm"))).toBe(true);
    const none = await findExamples(github("tree.trl.recursive.json"), { ...asking, keyword: "zzzz" });
    expect(none.examples).toEqual([]);
  });

  it("a file is read whole, whatever letters it has", async () => {
    const file = await readGithubFile(github("contents.trl-docs-page.json"), {
      repository: "https://github.com/huggingface/trl",
      path: "docs/source/clis.md",
      ref: "main",
      signal,
    });
    expect(file).toMatchObject({
      kind: "file",
      path: "docs/source/clis.md",
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(file.kind === "file" && file.text).toContain("# Command Line Interfaces");
    const empty = await readGithubFile(github("contents.empty-file.json"), {
      repository: "a/b",
      path: "src/__init__.py",
      signal,
    });
    expect(empty).toMatchObject({ size: 0, text: "" });
  });

  it("a notebook is read as Markdown with what it printed", async () => {
    const file = await readGithubFile(github("contents.notebook.ipynb.json"), {
      repository: "a/b",
      path: "n.ipynb",
      signal,
    });
    expect(file.kind === "file" && file.text).toBe(
      [
        "# Noise floor of a recipe",
        "",
        "A notebook written for these fixtures: *markdown*, code, outputs.",
        "",
        "```python",
        "scores = [0.881, 0.889, 0.890]",
        'print("seeds:", len(scores))',
        'print("mean 0.8867 sd 0.0049")',
        "```",
        "",
        "```output",
        "seeds: 3",
        "mean 0.8867 sd 0.0049",
        "```",
        "",
        "```python",
        "table = scores[:1]",
        "table",
        "```",
        "",
        "```output",
        "   seed  score",
        "0     0  0.881",
        "```",
        "",
        "```output",
        "<Figure size 1x1>",
        "```",
        "",
        "```python",
        "1 / 0",
        "```",
        "",
        "```output",
        "ZeroDivisionError: division by zero",
        "```",
        "",
        "```",
        "raw text cell",
        "```",
      ].join("\n"),
    );
  });

  it("what is no file is named", async () => {
    const read = (file: string) => readGithubFile(github(file), { repository: "a/b", path: "x", signal });
    expect(await read("contents.root-directory.json")).toMatchObject({
      kind: "folder",
      names: expect.arrayContaining(["README.md"]),
    });
    expect(await read("contents.symlink.openapi-example.json")).toMatchObject({
      kind: "elsewhere",
      target: "/path/to/symlink/target",
    });
    expect(await read("contents.submodule.openapi-example.json")).toMatchObject({
      kind: "elsewhere",
      target: expect.stringContaining("qunit"),
    });
    await expect(read("contents.not-found.404.json")).rejects.toMatchObject({ code: "web/not_found" });
  });

  it("a file over 1 MB is asked for by itself", async () => {
    const large = recordedFetch([service], { file: "contents.large-file.json" });
    const fetch: typeof large = Object.assign(
      async (...[url, init]: Parameters<typeof large>) =>
        init.headers.accept?.includes("raw") ? new Response("x".repeat(4_194_304)) : await large(url, init),
      { asked: large.asked },
    );
    const file = await readGithubFile(new WebClient({ cache: null, fetch }), {
      repository: "a/b",
      path: "data/big.json",
      signal,
    });
    expect(file.kind === "file" && file.text?.length).toBe(4_194_304);
  });
});

it.each([
  ["huggingface/trl", "/repos/huggingface/trl"],
  ["https://github.com/huggingface/trl.git", "/repos/huggingface/trl"],
  ["github.com/huggingface/trl/tree/main/docs", "/repos/huggingface/trl"],
])("%s is a repository", (text, path) => {
  expect(repositoryPath(text)).toBe(path);
});

it.each(["trl", "", "a/b?c", "../../user", "a b/c"])("%j is none", (text) => {
  expect(() => repositoryPath(text)).toThrow(expect.objectContaining({ code: "web/bad_url" }));
});
