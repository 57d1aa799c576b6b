import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fetch } from "../http/fetch.ts";
import { WebClient } from "../http/web-client.ts";
import { recordedFetch, recordings } from "../testing/recorded-fetch.ts";
import { openDocumentation } from "./documentation.ts";
import { readPage } from "./markdown/read-page.ts";
import { listLibrary } from "./sources/list-library.ts";

const recorded = recordings();
const folder = recorded === null ? "" : join(recorded, "hf-docs");
const corpus = join(folder, "../../docs-corpus");
const signal = new AbortController().signal;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "docs-"));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

/** Recorded tables of contents; pages from the corpus. */
function siteFetch(): Fetch {
  const answers = recordedFetch([folder]);
  return async (url, init) => {
    const [, library = "", page = ""] = /\/docs\/([\w-]+)\/(.+)\.md$/.exec(url) ?? [];
    const inside = library === "smolagents" ? `en/${page}` : page;
    const path = [".md", ".mdx"].map((ending) => join(corpus, library, inside + ending)).find(existsSync);
    if (library === "" || path === undefined) return await answers(url, init);
    return new Response(readFileSync(path), { headers: { "content-type": "text/markdown" } });
  };
}

describe.skipIf(recorded === null)("recorded documentation", () => {
  it.each([
    ["trl", 63],
    ["peft", 80],
    ["smolagents", 22],
    ["accelerate", 58],
    ["datasets", 61],
  ])("of %s has a table of contents of %i pages, each named once", async (library, count) => {
    const web = new WebClient({ cache: null, fetch: siteFetch() });
    const { pages } = await listLibrary({ library, version: null, web, signal });
    expect(new Set(pages.map(({ path }) => path)).size).toBe(count);
    expect(pages).toHaveLength(count);
  });

  it("is read whole", async () => {
    const web = new WebClient({ cache: null, fetch: siteFetch() });
    const documentation = await openDocumentation({ folder: home, web });
    const added = await documentation.add({ origin: { kind: "library", library: "smolagents" }, signal });
    expect(added).toMatchObject({ added: 22, failed: [], missing: 0 });
    const { results } = await documentation.search({ query: "sandbox agent code in docker", signal });
    expect(results[0]).toMatchObject({
      path: "tutorials/secure_code_execution",
      anchor: expect.stringContaining("docker"),
    });
  });

  it("is answered by its site: passages with their headings and addresses; nothing for what it does not know", async () => {
    const web = new WebClient({ cache: null, fetch: recordedFetch([folder]) });
    const documentation = await openDocumentation({ folder: home, web });
    const found = await documentation.searchSite({
      query: "conversational dataset",
      library: "trl",
      limit: 3,
      signal,
    });
    expect(found[0]).toMatchObject({
      library: "trl",
      title: "Dataset Formats",
      anchor: "dataset-formats-and-types",
      headings: ["Dataset formats and types", "Overview of the dataset formats and types"],
    });
    const none = new WebClient({
      cache: null,
      fetch: recordedFetch([folder], { file: "api-docs-search.empty.json" }),
    });
    const other = await openDocumentation({ folder: home, web: none });
    expect(await other.searchSite({ query: "nonexistent", signal })).toEqual([]);
  });

  it("of an HTTP API is a page for each operation, found by what it does, its path and its parameters", async () => {
    const web = new WebClient({ cache: null, fetch: recordedFetch([folder]) });
    const documentation = await openDocumentation({ folder: home, web });
    const added = await documentation.add({ origin: { kind: "openapi" }, signal });
    expect(added.source).toBe("hub-api");
    expect(added.added).toBeGreaterThan(254);
    for (const [query, wanted] of [
      ["search the documentation", "GET /api/docs/search"],
      ["list my jobs in a namespace", "GET /api/jobs/{namespace}"],
      ["claimAuthorId", "POST /api/settings/papers/claim"],
      ["whoami, information on my token", "GET /api/whoami-v2"],
    ] as const) {
      const { results } = await documentation.search({ query, limit: 5, signal });
      expect(
        results.map(({ title }) => title),
        query,
      ).toContain(wanted);
    }
    const page = await documentation.fetch({ page: "hub-api/get/api/docs/search", signal });
    expect(page.markdown).toContain("- `q` (query, string, required)");
    expect(page.markdown).toContain("`source_page_url` (string, required)");
  });

  it("of an HTTP API that is cut short, or is none, is refused", async () => {
    for (const [file, code] of [
      ["hub-openapi.malformed.txt", "web/malformed"],
      ["sidebar.none.html", "web/wrong_type"],
      ["api-docs.list.json", "web/malformed"],
    ] as const) {
      const web = new WebClient({ cache: null, fetch: recordedFetch([folder], { file }) });
      const documentation = await openDocumentation({ folder: home, web });
      await expect(documentation.add({ origin: { kind: "openapi" }, signal }), file).rejects.toMatchObject({
        code,
      });
    }
  });

  it("named by an llms.txt is read from wherever it is", async () => {
    const lists = recordedFetch([folder]);
    const web = new WebClient({
      cache: null,
      fetch: async (url, init) =>
        url.endsWith("llms.txt") ? await lists(url, init) : new Response(`# ${url}\n\nread from ${url}\n`),
    });
    const documentation = await openDocumentation({ folder: home, web });
    const url = "https://www.fastht.ml/docs/llms.txt";
    expect(await documentation.add({ origin: { kind: "llms", url }, signal })).toMatchObject({
      source: "fastht.ml",
      added: 5,
    });
    const { results } = await documentation.search({ query: "HTMX reference", signal });
    expect(results[0]?.path).toBe(
      "raw.githubusercontent.com/bigskysoftware/htmx/master/www/content/reference",
    );
    for (const file of ["sidebar.none.html", "page.not-found.404.txt", "api-docs.list.json"]) {
      const wrong = new WebClient({ cache: null, fetch: recordedFetch([folder], { file }) });
      const other = await openDocumentation({ folder: join(home, "other"), web: wrong });
      await expect(other.add({ origin: { kind: "llms", url }, signal }), file).rejects.toThrow();
      expect(await other.sources()).toEqual([]);
    }
  });

  it("as it is served has the anchors that it names, and parameters are found", async () => {
    const markdown = readFileSync(join(folder, "page.trl-sft_trainer.excerpt.md"), "utf8");
    const anchors = readPage(markdown).sections.map(({ anchor }) => anchor);
    expect(anchors).toEqual(expect.arrayContaining(["trl.SFTConfig", "trl.SFTTrainer.push_to_hub"]));
    const web = new WebClient({ cache: null, fetch: recordedFetch([folder]) });
    const documentation = await openDocumentation({ folder: home, web, installed: async () => "1.9.0" });
    const page = "https://huggingface.co/docs/trl/v1.12.0/en/sft_trainer#trl.SFTConfig";
    const fetched = await documentation.fetch({ page, limit: 3000, signal });
    expect(fetched).toMatchObject({ version: "v1.12.0", anchor: "trl.SFTConfig", isCut: true });
    expect(fetched.warning).toContain("1.9.0 is installed");
    expect(fetched.contents.length).toBeGreaterThan(2);
  });
});
