import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Fetch } from "../../http/fetch.ts";
import { WebClient } from "../../http/web-client.ts";
import { embeddedHub } from "../../testing/embedded-hub.ts";
import { recordedFetch, recordings } from "../../testing/recorded-fetch.ts";
import { serveWeb } from "../../testing/web-service.ts";
import { HUGGING_FACE, openHub } from "../hub.ts";
import { createHubRepo } from "../repositories/create-hub-repo.ts";
import { uploadHubFiles } from "../repositories/upload-hub-files.ts";
import { describeHit, searchHub } from "./search-hub.ts";

const signal = new AbortController().signal;
const folder = recordings();
const service = folder === null ? "" : join(folder, "hf-hub");

const recorded = (file: string): WebClient =>
  new WebClient({ cache: null, fetch: recordedFetch([service], { file }), random: () => -0.5 });

it("a list whose pages lead round in a circle ends, also where they are kept", async () => {
  await using service = await serveWeb((request, response) => {
    const next = request.url?.includes("page=2") ? "/api/models?page=1" : "/api/models?page=2";
    response.setHeader("link", `<${next}>; rel="next"`).end("[]");
  });
  const cache = { folder: await mkdtemp(join(tmpdir(), "hub-")) };
  const hub = openHub(new WebClient({ cache, hosts: { ownServers: [service.host] } }), service.url);
  await expect(searchHub(hub, { kind: "model", limit: 5, signal })).rejects.toMatchObject({
    code: "web/malformed",
    message: expect.stringContaining("no end"),
  });
  await rm(cache.folder, { recursive: true });
});

it("models and data sets of the embedded hub are found by what one chooses them by", async () => {
  await using server = await embeddedHub();
  const hub = server.open();
  const card = (fields: string): Blob => new Blob([`---\n${fields}\n---\n# Card\n`]);
  for (const [id, fields] of [
    ["me/german-bert", "license: mit\npipeline_tag: text-classification\nlibrary_name: transformers"],
    ["me/english-bert", "license: apache-2.0\npipeline_tag: text-classification\nlibrary_name: transformers"],
    ["me/digits", "license: mit\npipeline_tag: image-classification\nlibrary_name: sklearn"],
  ] as const) {
    const repo = { kind: "model", id } as const;
    await createHubRepo(hub, { repo, isPublic: true, signal });
    await uploadHubFiles(hub, {
      repo,
      title: "Card",
      files: [{ path: "README.md", content: card(fields) }],
      signal,
    });
  }
  const repo = { kind: "dataset", id: "me/reviews" } as const;
  await createHubRepo(hub, { repo, isPublic: false, signal });
  await uploadHubFiles(hub, {
    repo,
    title: "Card",
    files: [
      { path: "README.md", content: card("license: cc-by-4.0\ntask_categories:\n- text-classification") },
    ],
    signal,
  });
  const search = { kind: "model", limit: 10, signal } as const;
  const berts = await searchHub(hub, { ...search, query: "bert", author: "me", task: "text-classification" });
  expect(berts.hits.map(({ id }) => id).sort()).toEqual(["me/english-bert", "me/german-bert"]);
  const sklearn = await searchHub(hub, { ...search, library: "sklearn" });
  expect(sklearn.hits.map(describeHit)).toEqual([
    expect.stringMatching(
      /^me\/digits: image-classification · sklearn · licence mit · 0 downloads · 0 likes · changed 20/,
    ),
  ]);
  const few = await searchHub(hub, { ...search, limit: 2 });
  expect([few.hits.length, few.hasMore]).toEqual([2, true]);
  const own = await searchHub(hub, { ...search, kind: "dataset", task: "text-classification" });
  expect(own.hits.map(describeHit)).toEqual([expect.stringContaining("licence cc-by-4.0 · private")]);
  const stranger = server.open({ token: null });
  expect(await searchHub(stranger, { ...search, kind: "dataset" })).toEqual({ hits: [], hasMore: false });
});

describe.skipIf(folder === null)("huggingface.co", () => {
  const search = { kind: "model", limit: 7, signal } as const;

  it("is asked page after page by its Link header", async () => {
    const asked: string[] = [];
    const pages: Fetch = async (url, init) => {
      asked.push(url);
      const file = url.includes("cursor=") ? "models.last-page.json" : "models.page1.json";
      return await recordedFetch([service], { file })(url, init);
    };
    const hub = openHub(new WebClient({ cache: null, fetch: pages }), HUGGING_FACE);
    const { hits, hasMore } = await searchHub(hub, { ...search, sort: "trending" });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatch(
      /^https:\/\/huggingface\.co\/api\/models\?sort=trendingScore&.*expand%5B%5D=gated/,
    );
    expect(hits).toHaveLength(7);
    expect(hasMore).toBe(false);
    expect(describeHit(hits[0]!)).toBe(
      "unsloth/DeepSeek-V4-Flash-0731-GGUF: licence mit · 4,048 downloads · 252 likes",
    );
  });

  it("says of data sets what they are licensed for and who gets them", async () => {
    const hub = openHub(recorded("datasets.by-paper.json"), HUGGING_FACE);
    const { hits } = await searchHub(hub, { ...search, kind: "dataset", tags: ["arxiv:2106.09685"] });
    expect(hits.map(describeHit)).toEqual([
      expect.stringMatching(
        /intent-bench: text-classification · 10K<n<100K · licence cc-by-4\.0 · 10,234 downloads/,
      ),
      expect.stringMatching(/private-clinic: .*gated: its owner decides who gets access/),
    ]);
  });

  it.each([
    ["models.empty.json", null],
    ["error.bad-sort.400.json", "web/refused"],
    ["error.bad-token.401.json", "web/unauthorized"],
    ["rate-limit.200-with-error.json", "web/rate_limited"],
    ["models.malformed.txt", "web/malformed"],
  ])("%s is %s", async (file, code) => {
    const searching = searchHub(openHub(recorded(file), HUGGING_FACE), search);
    if (code === null) expect(await searching).toEqual({ hits: [], hasMore: false });
    else await expect(searching).rejects.toMatchObject({ code, mend: expect.any(String) });
  });

  it("that is used up for an hour says how long, without waiting", async () => {
    const fetch = recordedFetch([service], { file: "rate-limit.429.json" });
    const used: Fetch = async (...request) => {
      const response = await fetch(...request);
      response.headers.set("ratelimit", '"api";r=0;t=3600');
      return response;
    };
    const hub = openHub(new WebClient({ cache: null, fetch: used }), HUGGING_FACE);
    await expect(searchHub(hub, search)).rejects.toMatchObject({
      code: "web/rate_limited",
      mend: /3600 s.*token/,
    });
    expect(fetch.asked).toHaveLength(1);
  });

  it("a limit that came as a success is not remembered as an answer", async () => {
    const kept = await mkdtemp(join(tmpdir(), "hub-answers-"));
    try {
      let file = "rate-limit.200-with-error.json";
      const fetch: Fetch = async () => new Response(readFileSync(join(service, file)));
      const hub = openHub(new WebClient({ cache: { folder: kept }, fetch }), HUGGING_FACE);
      await expect(searchHub(hub, search)).rejects.toMatchObject({ code: "web/rate_limited" });
      file = "models.by-paper.json";
      expect((await searchHub(hub, search)).hits).toHaveLength(2);
    } finally {
      await rm(kept, { recursive: true });
    }
  });
});
