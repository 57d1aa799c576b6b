import { execFileSync, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { takeFileLock } from "@ml-intern/durable";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { serveDocumentation, sidebar } from "../testing/documentation-site.ts";
import { openDocumentation } from "./documentation.ts";

const signal = new AbortController().signal;
const offline = new WebClient({ cache: null, offline: true });
let home: string;
let folder: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "docs-"));
  folder = join(home, "kept");
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

/** A folder of Markdown. */
async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(home, "own");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}

const lora =
  "# LoRA\n\nLow-rank adapters.\n\n## Merge the weights\n\nCall `merge_and_unload()` to get one model.\n";
const site = {
  "/docs/peft": sidebar("peft", ["index", "lora", "lora", "ia3", "lora#merge"]),
  "/docs/peft/index.md": "# PEFT\n\nStart here.\n",
  "/docs/peft/lora.md": `${lora}\nSee [ia3](/docs/peft/v0.17.0/en/ia3).\n`,
  "/docs/peft/ia3.md": "# IA3\n\nScales activations by vectors.\n",
};

describe("a library of huggingface.co", () => {
  it("is read once per page, searched without a network, and tells its version and what is installed", async () => {
    await using service = await serveDocumentation(site);
    const seen: number[] = [];
    const documentation = await openDocumentation({ folder, web: service.web });
    const added = await documentation.add({
      origin: { kind: "library", library: "peft" },
      onProgress: ({ pages }) => seen.push(pages),
      signal,
    });
    expect(added).toMatchObject({ source: "peft", added: 3, missing: 0, failed: [], stopped: null });
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(service.asked.map(({ path }) => path)).toEqual([
      "/docs/peft",
      "/docs/peft/index.md",
      "/docs/peft/lora.md",
      "/docs/peft/ia3.md",
    ]);
    const later = await openDocumentation({ folder, web: offline, installed: async () => "0.9.0" });
    const { results, notes } = await later.search({ query: "merging weights", signal });
    expect(notes).toEqual([]);
    expect(results[0]).toMatchObject({
      title: "LoRA",
      section: "Merge the weights",
      anchor: "merge-the-weights",
      url: "https://huggingface.co/docs/peft/lora",
      version: "v0.17.0",
      isStale: false,
    });
    expect(results[0]?.snippet).toContain("merge_and_unload()");
    expect(results[0]?.warning).toContain("0.9.0 is installed");
    const page = await later.fetch({ page: `${results[0]?.url}#${results[0]?.anchor}`, signal });
    expect(page.markdown).toMatch(/^## Merge the weights/);
    expect(page.markdown).not.toContain("Low-rank");
  });

  it("that ran into the limit of the service is kept in part, said so, and completed later", async () => {
    const wait = { "retry-after": "120" }; // longer than a request is worth waiting for
    const names = Array.from({ length: 40 }, (_, index) => `page${index}`);
    const pages = names.map((name) => [`/docs/peft/${name}.md`, `# ${name}\n\nAll about ${name}.\n`]);
    await using service = await serveDocumentation({
      ...Object.fromEntries(pages),
      "/docs/peft": sidebar("peft", names),
    });
    let left = 12;
    for (const [path = "", text = ""] of pages) {
      service.answers.set(path, (_, response) => {
        if (left-- > 0) response.writeHead(200, { "content-type": "text/markdown" }).end(text);
        else response.writeHead(429, wait).end("We had to rate limit you");
      });
    }
    const documentation = await openDocumentation({ folder, web: service.web });
    const added = await documentation.add({ origin: { kind: "library", library: "peft" }, signal });
    expect(added).toMatchObject({ added: 12, missing: 28 });
    expect(added.stopped).toContain("wants fewer requests");
    const { results, notes } = await documentation.search({ query: "page3", signal });
    expect(results[0]?.path).toBe("page3");
    expect(notes).toEqual(["Of peft, 28 of 40 pages are not read yet: update it."]);
    left = 28; // no more than what is missing: those that are there are not asked for again
    const asked = service.asked.length;
    expect(await documentation.update({ signal })).toMatchObject([{ added: 28, unchanged: 12, missing: 0 }]);
    expect(service.asked.length - asked).toBe(29);
    expect((await documentation.search({ query: "page39", signal })).notes).toEqual([]);
  });

  it("that is held back from the first page on is there all the same, and read later", async () => {
    await using service = await serveDocumentation(site);
    const lora = site["/docs/peft/lora.md"];
    for (const name of ["index", "lora", "ia3"]) {
      service.answers.set(`/docs/peft/${name}.md`, (_, response) =>
        response.writeHead(429, { "retry-after": "90" }).end(),
      );
    }
    const documentation = await openDocumentation({ folder, web: service.web });
    const added = await documentation.add({ origin: { kind: "library", library: "peft" }, signal });
    expect(added).toMatchObject({
      added: 0,
      missing: 3,
      stopped: expect.stringContaining("wants fewer requests"),
    });
    const { results, notes } = await documentation.search({ query: "adapters", signal });
    expect([results, notes]).toEqual([[], ["Of peft, 3 of 3 pages are not read yet: update it."]]);
    for (const name of ["index", "lora", "ia3"]) service.answers.set(`/docs/peft/${name}.md`, lora);
    expect(await documentation.update({ signal })).toMatchObject([{ added: 3, missing: 0, stopped: null }]);
  });

  it("keeps what it read when it is cancelled", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `page${index}`);
    await using service = await serveDocumentation({
      "/docs/peft": sidebar("peft", names),
      ...Object.fromEntries(names.map((name) => [`/docs/peft/${name}.md`, `# ${name}\n`])),
    });
    const documentation = await openDocumentation({ folder, web: service.web });
    const stop = new AbortController();
    const adding = documentation.add({
      origin: { kind: "library", library: "peft" },
      onProgress: ({ pages }) => pages === 10 && stop.abort(new Error("stopped by the person")),
      signal: stop.signal,
    });
    await expect(adding).rejects.toThrow("stopped by the person");
    const [source] = await documentation.sources();
    expect(source?.pages).toBeGreaterThanOrEqual(10);
    expect(source?.pages).toBeLessThan(20); // those that were under way may have come
    expect(source?.missing).toBe(30 - (source?.pages ?? 0));
    expect((await documentation.search({ query: "page9", signal })).results).not.toEqual([]);
  });

  it("has pages that are gone or no Markdown: they are told, the others are read, what was kept of them stays", async () => {
    await using service = await serveDocumentation(site);
    const documentation = await openDocumentation({ folder, web: service.web });
    await documentation.add({ origin: { kind: "library", library: "peft" }, signal });
    service.answers.set("/docs/peft/lora.md", "<!doctype html><html>Log in</html>");
    service.answers.delete("/docs/peft/ia3.md");
    service.answers.set("/docs/peft/index.md", "# PEFT\n\nNew words: zebra.\n");
    const [updated] = await documentation.update({ freshMs: 0, signal });
    expect(updated).toMatchObject({ changed: 1, removed: 1, missing: 0 });
    expect(updated?.failed.map(({ path }) => path).sort()).toEqual(["ia3", "lora"]);
    const paths = async (query: string) =>
      (await documentation.search({ query, signal })).results.map(({ path }) => path);
    expect(await paths("zebra")).toEqual(["index"]);
    expect(await paths("merge_and_unload")).toEqual(["lora"]);
    expect(await paths("activations")).toEqual([]);
  });

  it("that there is none of is said, with those that there are; nothing of it is kept", async () => {
    await using service = await serveDocumentation({
      "/api/docs": JSON.stringify([{ id: "peft" }, { id: "trl" }]),
    });
    const documentation = await openDocumentation({ folder, web: service.web });
    for (const library of ["pefft", "../models", "a/b"]) {
      await expect(documentation.add({ origin: { kind: "library", library }, signal })).rejects.toMatchObject(
        {
          code: "docs/unknown_library",
          mend: expect.stringContaining("peft, trl"),
        },
      );
    }
    expect(await documentation.sources()).toEqual([]);
  });

  it("without a table of contents is read by its llms.txt; without that there are no pages", async () => {
    await using service = await serveDocumentation({
      "/docs/odd": "<html><body>Nothing here.</body></html>",
      "/docs/bare": "<html><body>Nothing here.</body></html>",
      "/docs/odd/llms.txt": "# Odd\n\n- [One](https://huggingface.co/docs/odd/main/one.md): about one\n",
      "/docs/odd/main/one.md": "# One\n\nThe only page.\n",
    });
    const documentation = await openDocumentation({ folder, web: service.web });
    expect(await documentation.add({ origin: { kind: "library", library: "odd" }, signal })).toMatchObject({
      added: 1,
    });
    await expect(
      documentation.add({ origin: { kind: "library", library: "bare" }, signal }),
    ).rejects.toMatchObject({
      code: "docs/no_pages",
    });
    expect(await documentation.sources()).toMatchObject([{ id: "odd", pages: 1 }]);
  });

  it("of a version is another source than that of the default version", async () => {
    await using service = await serveDocumentation({
      ...site,
      "/docs/peft/v0.9.0/en/index": sidebar("peft", ["v0.9.0/en/lora"]),
      "/docs/peft/v0.9.0/en/lora.md": lora,
    });
    const documentation = await openDocumentation({ folder, web: service.web });
    await documentation.add({ origin: { kind: "library", library: "peft" }, signal });
    await documentation.add({ origin: { kind: "library", library: "peft", version: "v0.9.0" }, signal });
    const { results } = await documentation.search({ query: "adapters", source: "peft@v0.9.0", signal });
    expect(results).toMatchObject([
      { version: "v0.9.0", path: "lora", url: "https://huggingface.co/docs/peft/v0.9.0/en/lora" },
    ]);
  });

  it("that is not kept is read page by page", async () => {
    await using service = await serveDocumentation({
      ...site,
      "/docs/peft/ui.md": "<!DOCTYPE html><html></html>",
    });
    const documentation = await openDocumentation({ folder, web: service.web });
    const page = await documentation.fetch({
      page: "https://huggingface.co/docs/peft/lora#merge-the-weights",
      signal,
    });
    expect(page).toMatchObject({ source: "peft", path: "lora", anchor: "merge-the-weights", isStale: false });
    const fetched = (name: string) =>
      documentation.fetch({ page: `https://huggingface.co/docs/peft/${name}`, signal });
    await expect(fetched("none")).rejects.toMatchObject({ code: "web/not_found" });
    await expect(fetched("ui")).rejects.toMatchObject({ code: "docs/wrong_type" });
  });
});

describe("a folder of Markdown", () => {
  it("is read without what is not meant to be: hidden folders, packages, links that lead out of it", async () => {
    const path = await write({
      "a.md": "# A\n\napple\n",
      "deep/b.mdx": "# B\n\nbanana\n",
      "c.txt": "cherry",
      ".git/d.md": "# D\n\ndate\n",
      "node_modules/x/e.md": "# E\n\nelderberry\n",
    });
    await writeFile(join(home, "secret.md"), "# Secret\n\nfig\n");
    await symlink(join(home, "secret.md"), join(path, "link.md"));
    await symlink(path, join(path, "circle"));
    await writeFile(join(path, "package.json"), '{ "version": "3.1.4" }');
    const documentation = await openDocumentation({ folder, web: offline, installed: async () => "3.1.4" });
    expect(await documentation.add({ origin: { kind: "folder", path }, signal })).toMatchObject({
      source: "own",
      added: 2,
    });
    expect(await documentation.sources()).toMatchObject([{ version: "3.1.4", pages: 2 }]);
    for (const query of ["cherry", "date", "elderberry", "fig"]) {
      expect((await documentation.search({ query, signal })).results, query).toEqual([]);
    }
    const { results } = await documentation.search({ query: "bananas", signal });
    expect(results).toMatchObject([
      { url: join(path, "deep/b.mdx"), version: "3.1.4", isStale: false, warning: null },
    ]);
  });

  it("is brought up to date by what was changed, added and removed, to the same index as if it were read anew", async () => {
    const path = await write({ "a.md": "# A\n\napple\n", "b.md": "# B\n\nbanana\n", "c.md": lora });
    const documentation = await openDocumentation({ folder, web: offline });
    await documentation.add({ origin: { kind: "folder", path }, signal });
    await write({ "a.md": "# A\n\napricot\n", "d.md": "# D\n\ndamson\n" });
    await rm(join(path, "b.md"));
    expect((await documentation.search({ query: "apple", signal })).results).toMatchObject([
      { isStale: true },
    ]);
    expect(await documentation.update({ signal })).toMatchObject([
      { added: 1, changed: 1, removed: 1, unchanged: 1 },
    ]);
    const anew = await openDocumentation({ folder: join(home, "anew"), web: offline });
    await anew.add({ origin: { kind: "folder", path }, signal });
    const [changed, made] = await Promise.all(
      [folder, join(home, "anew")].map((each) => readFile(join(each, "search.index"))),
    );
    expect(changed?.equals(made!)).toBe(true);
    // What is not named any more is not kept.
    const kept = await readdir(join(folder, "pages"), { recursive: true });
    expect(kept.filter((name) => name.length > 3)).toHaveLength(3);
  });

  it("that is a checkout is of the version that git describes, and is one source however it is named", async () => {
    const path = await write({ "docs/a.md": "# A\n\napple\n" });
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", path, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        stdio: "pipe",
      });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    git("tag", "v2.0.1");
    const documentation = await openDocumentation({ folder, web: offline, installed: async () => "2.1.0" });
    const origin = { path: join(path, "docs"), name: "fruit", kind: "folder" } as const;
    await documentation.add({ origin, signal });
    await documentation.add({ origin: { ...origin, path: join(path, "..", "own", "docs") }, signal });
    await documentation.add({
      origin: { kind: "folder", name: "fruit", path: relative(".", join(path, "docs")) },
      signal,
    });
    expect(await documentation.sources()).toMatchObject([{ id: "fruit", version: "v2.0.1" }]);
    const { results } = await documentation.search({ query: "apple", signal });
    expect(results[0]?.warning).toContain("v2.0.1; 2.1.0 is installed");
  });

  it("that is none is refused", async () => {
    const documentation = await openDocumentation({ folder, web: offline });
    const path = await write({ "a.txt": "no Markdown" });
    for (const [wrong, code] of [
      [join(home, "nowhere"), "docs/not_a_folder"],
      [join(path, "a.txt"), "docs/not_a_folder"],
      [path, "docs/no_pages"],
    ] as const) {
      await expect(
        documentation.add({ origin: { kind: "folder", path: wrong }, signal }),
      ).rejects.toMatchObject({ code });
    }
    expect(await documentation.sources()).toEqual([]);
  });
});

describe("a page", () => {
  it("that is long is cut, with a table of contents by which the rest can be read", async () => {
    const words = "word ".repeat(2000);
    const path = await write({
      "long.md": `<!-- licence -->\n\n# Long\n\n${words}\n\n## Same\n\n${words}\n\n## Other\n\n### Same\n\nshort\n`,
    });
    const documentation = await openDocumentation({ folder, web: offline });
    await documentation.add({ origin: { kind: "folder", path }, signal });
    const page = await documentation.fetch({ page: "own/long", limit: 5000, signal });
    expect(page.isCut).toBe(true);
    expect(page.markdown).toMatch(/^# Long/);
    expect(page.markdown.length).toBeLessThanOrEqual(5000);
    expect(page.contents.map(({ heading }) => heading)).toEqual(["Long", "Same", "Other", "Other > Same"]);
    for (const [section, expected] of [
      ["other", /^## Other\n\n### Same\n\nshort$/],
      ["Other > Same", /^### Same\n\nshort$/],
      ["#same", /^## Same/],
    ] as const) {
      expect((await documentation.fetch({ page: join(path, "long.md"), section, signal })).markdown).toMatch(
        expected,
      );
    }
    await expect(documentation.fetch({ page: "own/long", section: "none", signal })).rejects.toMatchObject({
      code: "docs/unknown_section",
      mend: expect.stringContaining("other"),
    });
    await expect(documentation.fetch({ page: "own/lang", signal })).rejects.toMatchObject({
      code: "docs/unknown_page",
    });
    await expect(documentation.fetch({ page: "other/long", signal })).rejects.toMatchObject({
      code: "docs/unknown_page",
      mend: expect.stringContaining("own/long"),
    });
  });
});

describe("what is kept", () => {
  it("has an index that is made again when it is damaged, which is said", async () => {
    const path = await write({ "c.md": lora });
    const documentation = await openDocumentation({ folder, web: offline });
    await documentation.add({ origin: { kind: "folder", path }, signal });
    const whole = await readFile(join(folder, "search.index"));
    await writeFile(join(folder, "search.index"), whole.subarray(0, 100));
    const { results, notes } = await documentation.search({ query: "merge", signal });
    expect(results).toHaveLength(1);
    expect(notes).toEqual([expect.stringContaining("damaged")]);
    expect((await readFile(join(folder, "search.index"))).equals(whole)).toBe(true);
    expect((await documentation.search({ query: "merge", signal })).notes).toEqual([]);
  });

  it("is read again page by page where pages are damaged, and is told as damaged where nothing can be done", async () => {
    const path = await write({ "c.md": lora });
    const documentation = await openDocumentation({ folder, web: offline });
    await documentation.add({ origin: { kind: "folder", path }, signal });
    const [page = ""] = (await readdir(join(folder, "pages"), { recursive: true })).filter(
      (name) => name.length > 3,
    );
    await writeFile(join(folder, "pages", page), "half");
    await expect(documentation.fetch({ page: "own/c", signal })).rejects.toMatchObject({
      code: "docs/unknown_page",
    });
    await documentation.update({ signal });
    expect((await documentation.fetch({ page: "own/c", signal })).title).toBe("LoRA");
    await writeFile(join(folder, "sources.json"), "{");
    await expect(openDocumentation({ folder, web: offline })).rejects.toMatchObject({ code: "docs/damaged" });
  });

  it("is changed by one process at a time, and what one changed the other finds", async () => {
    const path = await write({ "a.md": "# A\n\napple\n" });
    const one = await openDocumentation({ folder, web: offline });
    const other = await openDocumentation({ folder, web: offline });
    await one.add({ origin: { kind: "folder", path, name: "one" }, signal });
    expect((await other.search({ query: "apple", signal })).results).toHaveLength(1);
    const lock = await takeFileLock(join(folder, "lock"));
    await expect(other.update({ signal })).rejects.toMatchObject({ code: "docs/busy" });
    expect((await other.search({ query: "apple", signal })).results).toHaveLength(1);
    if ("release" in lock) lock.release();
    await other.add({ origin: { kind: "folder", path, name: "two" }, signal });
    expect(await one.sources()).toMatchObject([{ id: "one" }, { id: "two" }]);
    await one.remove("one", signal);
    expect((await other.search({ query: "apple", signal })).results).toMatchObject([{ source: "two" }]);
    await expect(other.remove("one", signal)).rejects.toMatchObject({ code: "docs/unknown_source" });
    await expect(other.search({ query: "apple", source: "one", signal })).rejects.toMatchObject({
      code: "docs/unknown_source",
      mend: expect.stringContaining("two"),
    });
  });

  it("of several sources is updated where one of them cannot be read; what was kept of that one stays", async () => {
    const path = await write({ "one/a.md": "# A\n\napple\n", "two/b.md": "# B\n\nbanana\n" });
    const documentation = await openDocumentation({ folder, web: offline });
    for (const name of ["one", "two"]) {
      await documentation.add({ origin: { kind: "folder", path: join(path, name) }, signal });
    }
    await rm(join(path, "one"), { recursive: true });
    await writeFile(join(path, "two/b.md"), "# B\n\nblueberry\n");
    expect(await documentation.update({ signal })).toMatchObject([
      { source: "one", unchanged: 1, stopped: expect.stringContaining("no folder") },
      { source: "two", changed: 1, stopped: null },
    ]);
    for (const query of ["apple", "blueberry"]) {
      expect((await documentation.search({ query, signal })).results, query).toHaveLength(1);
    }
    await expect(documentation.update({ source: "one", signal })).rejects.toMatchObject({
      code: "docs/not_a_folder",
    });
  });

  it("can be searched where it cannot be written", async () => {
    const path = await write({ "c.md": lora });
    const documentation = await openDocumentation({ folder, web: offline });
    await documentation.add({ origin: { kind: "folder", path }, signal });
    await rm(join(folder, "search.index"));
    for (const each of [home, folder]) await chmod(each, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534); // root may write anywhere
    try {
      const { results, notes } = await documentation.search({ query: "merge", signal });
      expect(results).toHaveLength(1);
      expect(notes).toEqual([expect.stringContaining("cannot be kept")]);
      await expect(documentation.update({ signal })).rejects.toMatchObject({ code: "docs/read_only" });
    } finally {
      if (isRoot) process.seteuid?.(0);
      for (const each of [home, folder]) await chmod(each, 0o755);
    }
  });

  it("survives a process that is killed while it reads", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `page${index}`);
    await using service = await serveDocumentation({
      "/docs/peft": sidebar("peft", names),
      ...Object.fromEntries(names.map((name) => [`/docs/peft/${name}.md`, `# ${name}\n\nAbout it.\n`])),
    });
    let child: ReturnType<typeof spawn> | null = null;
    service.answers.set("/docs/peft/page40.md", () => child?.kill("SIGKILL"));
    const script = `
      import { openDocumentation } from "${new URL("./documentation.ts", import.meta.url).href}";
      import { WebClient } from "${new URL("../http/web-client.ts", import.meta.url).href}";
      const web = new WebClient({ cache: null, fetch: (url, init) => fetch(url.replace("https://huggingface.co", "${service.url}"), init) });
      const documentation = await openDocumentation({ folder: ${JSON.stringify(folder)}, web });
      await documentation.add({ origin: { kind: "library", library: "peft" }, signal: new AbortController().signal });`;
    child = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script],
      {
        stdio: "ignore",
      },
    );
    await new Promise((resolve) => child?.once("exit", resolve));
    service.answers.set("/docs/peft/page40.md", "# page40\n\nAbout it.\n");
    const documentation = await openDocumentation({ folder, web: service.web });
    const [source] = await documentation.sources();
    expect(source?.pages).toBeGreaterThanOrEqual(25);
    expect((await documentation.search({ query: "page3", signal })).results[0]?.path).toBe("page3");
    expect(await documentation.update({ signal })).toMatchObject([{ missing: 0 }]);
    expect((await documentation.search({ query: "page40", signal })).results[0]?.path).toBe("page40");
  });
});
