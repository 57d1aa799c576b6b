import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { type Answer, answering } from "../testing/answers.ts";
import { recordings } from "../testing/recorded-fetch.ts";
import { linkedResources } from "./linked-resources.ts";
import { mergePapers } from "./merge-papers.ts";
import type { Paper } from "./paper.ts";
import { paperDetails } from "./paper-details.ts";
import { recommendPapers } from "./recommend-papers.ts";
import { searchPapers } from "./search-papers.ts";
import { searchSnippets } from "./search-snippets.ts";
import { trendingPapers } from "./trending-papers.ts";

const signal = new AbortController().signal;
const folder = recordings();
if (folder === null) console.warn("papers: no recordings beside this checkout; their tests are left out");

const HUB = "huggingface.co/api/";
const ARXIV = "export.arxiv.org/api/query";
const S2 = "api.semanticscholar.org/";

/** A client that is answered from recordings, and does not wait between repetitions. */
function client(routes: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const fetch = answering(routes);
  return { web: new WebClient({ cache: null, fetch, random: () => -0.5 }), asked: fetch.asked };
}

const gone: Answer = { status: 404, body: '{"error":"Paper not found"}' };
const paper = (over: Partial<Paper>): Paper => ({
  ids: {},
  title: "A Title",
  authors: [],
  abstract: null,
  published: "2024-01-01",
  venue: null,
  citations: null,
  influentialCitations: null,
  upvotes: null,
  links: { page: "" },
  withdrawn: null,
  sources: ["arXiv"],
  ...over,
});

describe("papers of several services", () => {
  it("are one where their arXiv ids are, whatever their titles, and keep what each service says", () => {
    const [one, ...others] = mergePapers([
      [paper({ ids: { arxiv: "2106.09685" }, abstract: "It works.", upvotes: 3, sources: ["Hugging Face"] })],
      [
        paper({
          ids: { arxiv: "2106.09685", doi: "10.1234/x" },
          title: "a title!",
          citations: 9,
          sources: ["Semantic Scholar"],
        }),
      ],
    ]);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      ids: { arxiv: "2106.09685", doi: "10.1234/x" },
      title: "A Title",
      abstract: "It works.",
      upvotes: 3,
      citations: 9,
      sources: ["Hugging Face", "Semantic Scholar"],
    });
  });

  it("are one where title and year are, if not both have an arXiv id", () => {
    const same = mergePapers([
      [paper({ ids: { arxiv: "1" } })],
      [paper({ title: "a  title.", ids: { doi: "d" } })],
    ]);
    expect(same.map(({ ids }) => ids)).toEqual([{ arxiv: "1", doi: "d" }]);
    expect(mergePapers([[paper({ ids: { arxiv: "1" } })], [paper({ ids: { arxiv: "2" } })]])).toHaveLength(2);
    expect(mergePapers([[paper({})], [paper({ published: "2019" })]])).toHaveLength(2);
    expect(mergePapers([[paper({ published: null })], [paper({ published: null })]])).toHaveLength(2);
  });

  it("come first when several services found them", () => {
    const [a, b, c] = ["a", "b", "c"].map((title) => paper({ title }));
    const order = mergePapers([
      [a!, b!],
      [c!, b!],
    ]).map(({ title }) => title);
    expect(order).toEqual(["b", "a", "c"]);
  });
});

describe.skipIf(folder === null)("searching papers", () => {
  const routes = {
    [`${HUB}papers/search`]: "hf-papers/papers-search.ok.json",
    [ARXIV]: "arxiv/query.search.transformer.xml",
    [S2]: "semantic-scholar/search.rich-fields.json",
  };

  it("asks all services and gives each paper once, in one shape", async () => {
    const { web, asked } = client(routes);
    const { papers, missing } = await searchPapers({ web, query: "transformer", limit: 50, signal });
    expect(missing).toEqual([]);
    expect(asked).toHaveLength(3);
    const sources = papers.flatMap((each) => each.sources);
    expect(new Set(sources)).toEqual(new Set(["Hugging Face", "arXiv", "Semantic Scholar"]));
    for (const each of papers) {
      expect(each.title).not.toMatch(/\n/);
      expect(each.ids.arxiv ?? "1").not.toMatch(/v\d+$/);
    }
    expect(papers.find(({ ids }) => ids.arxiv === "2103.14030")).toMatchObject({
      title: "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
      published: "2021",
      links: { page: "https://arxiv.org/abs/2103.14030" },
    });
  });

  for (const [name, answer] of Object.entries<Answer>({
    "wants fewer requests": { status: 429, file: "semantic-scholar/rate-limit.429.json" },
    "wants a long pause": { status: 429, headers: { "retry-after": "3600" }, body: "{}" },
    "refuses the key": { status: 403, file: "semantic-scholar/forbidden.403.json" },
    "does not know who asks": { status: 401, body: "{}" },
    "has a fault": { status: 504, file: "semantic-scholar/server-error.504.json" },
    "breaks off": "semantic-scholar/search.malformed.txt",
    "sends a page": { body: "<html>login</html>" },
  })) {
    it(`names a service that ${name}, and loses nothing of the others`, async () => {
      const { web } = client({ ...routes, [S2]: answer });
      const { papers, missing } = await searchPapers({ web, query: "transformer", signal });
      expect(papers).toHaveLength(10);
      expect(missing).toEqual([
        { source: "Semantic Scholar", why: expect.any(String), mend: expect.any(String) },
      ]);
    });
  }

  it("names the others too: XML that breaks off, JSON that is a page, a throttled feed", async () => {
    const { web } = client({
      ...routes,
      [ARXIV]: "arxiv/query.malformed.xml",
      [`${HUB}papers/search`]: "hf-papers/papers-search.malformed.html",
    });
    const { papers, missing } = await searchPapers({ web, query: "transformer", signal });
    expect(papers.length).toBeGreaterThan(0);
    expect(missing.map(({ source }) => source)).toEqual(["Hugging Face", "arXiv"]);
    const throttled = client({ ...routes, [ARXIV]: { status: 429, file: "arxiv/query.rate-limit.429.txt" } });
    const told = await searchPapers({ web: throttled.web, query: "x", signal });
    expect(told.missing[0]?.why).toContain("Rate exceeded.");
  });

  it("fails only when all fail, and says why each did", async () => {
    const { web } = client({});
    await expect(searchPapers({ web, query: "x", signal })).rejects.toMatchObject({
      code: "papers/unavailable",
      message: expect.stringMatching(/Hugging Face: .*arXiv: .*Semantic Scholar: /),
    });
  });

  it("finds nothing where there is nothing", async () => {
    const { web } = client({
      [`${HUB}papers/search`]: "hf-papers/papers-search.empty.json",
      [ARXIV]: "arxiv/query.id.unknown.xml",
      [S2]: "semantic-scholar/search.empty.json",
    });
    expect(await searchPapers({ web, query: "zzzzqqqq", signal })).toMatchObject({ papers: [], missing: [] });
  });

  it("asks only those who can answer the question's limits", async () => {
    const { web, asked } = client({ ...routes, [S2]: "semantic-scholar/search-bulk.rich-fields.json" });
    const cited = await searchPapers({
      web,
      query: "transformer",
      minCitations: 100,
      sort: "citations",
      signal,
    });
    expect(cited.asked).toEqual(["Semantic Scholar"]);
    expect(asked[0]).toMatch(/search\/bulk\?.*minCitationCount=100.*sort=citationCount%3Adesc/);
    expect(cited.papers[0]?.citations).toBe(30123);
    const finance = await searchPapers({ web, query: "x", categories: ["q-fin.ST"], signal });
    expect(finance.asked).toEqual(["arXiv"]);
    await searchPapers({
      web,
      query: "lora: a b",
      categories: ["cs.LG"],
      from: "2026-06-01",
      to: "2026-06-30",
      signal,
    });
    const feed = new URL(asked.findLast((each) => each.includes("arxiv")) ?? "");
    expect(feed.searchParams.get("search_query")).toBe(
      "all:lora AND all:a AND all:b AND (cat:cs.LG) AND submittedDate:[202606010000 TO 202606302359]",
    );
    expect(asked.at(-1)).toMatch(
      /publicationDateOrYear=2026-06-01%3A2026-06-30.*fieldsOfStudy=Computer\+Science/,
    );
  });

  it("does not ask for what makes no sense", async () => {
    const { web, asked } = client(routes);
    await expect(searchPapers({ web, query: "  ", signal })).rejects.toMatchObject({
      code: "papers/bad_request",
    });
    await expect(searchPapers({ web, query: "x", from: "yesterday", signal })).rejects.toMatchObject({
      code: "papers/bad_request",
    });
    expect(asked).toEqual([]);
  });

  it("stops when it is stopped", async () => {
    const { web } = client(routes);
    await expect(
      searchPapers({ web, query: "x", signal: AbortSignal.abort(new Error("enough")) }),
    ).rejects.toThrow("enough");
  });
});

describe.skipIf(folder === null)("papers of the day", () => {
  it("come by upvotes, of a day or the newest, and those about a topic", async () => {
    const { web, asked } = client({
      [`${HUB}daily_papers`]: "hf-papers/daily-papers.ok.json",
      [`${HUB}daily_papers?date=2026-07-31`]: "hf-papers/daily-papers.by-date.json",
      [`${HUB}daily_papers?date=2019`]: "hf-papers/daily-papers.empty.json",
    });
    const papers = await trendingPapers({ web, limit: 30, signal });
    expect(asked[0]).toBe("https://huggingface.co/api/daily_papers?limit=30");
    expect(papers).toHaveLength(30);
    const upvotes = papers.map((each) => each.upvotes ?? 0);
    expect(upvotes).toEqual([...upvotes].sort((a, b) => b - a));
    const about = await trendingPapers({ web, query: "Zero-shot annotation", signal });
    expect(about.map(({ ids }) => ids.arxiv)).toContain("2606.00467");
    expect(await trendingPapers({ web, date: "2026-07-31", signal })).toHaveLength(5);
    expect(await trendingPapers({ web, date: "2019-01-01", signal })).toEqual([]);
  });

  it("are not there when the Hub wants a pause: it says so", async () => {
    const { web } = client({
      [`${HUB}daily_papers`]: { status: 429, file: "hf-papers/rate-limit.429.json" },
    });
    await expect(trendingPapers({ web, signal })).rejects.toMatchObject({ code: "papers/unavailable" });
    await expect(trendingPapers({ web, date: "today", signal })).rejects.toMatchObject({
      code: "papers/bad_request",
    });
  });
});

describe.skipIf(folder === null)("one paper", () => {
  it("is what all services say of it", async () => {
    const { web } = client({
      [`${HUB}papers/2605.15141`]: "hf-papers/paper.with-links.json",
      [ARXIV]: "arxiv/query.id.unknown.xml",
      [S2]: gone,
    });
    const { paper: found, missing } = await paperDetails({ web, id: "arXiv:2605.15141v1", signal });
    expect(missing).toEqual([]);
    expect(found).toMatchObject({
      ids: { arxiv: "2605.15141" },
      published: "2026-05-14",
      upvotes: 84,
      links: { code: "https://github.com/thu-ml/Causal-Forcing", pdf: "https://arxiv.org/pdf/2605.15141" },
      withdrawn: null,
    });
    expect(found.authors[0]).toBe("Min Zhao");
  });

  it("of the old names, or named by its DOI, is found too", async () => {
    const old = client({ [HUB]: gone, [ARXIV]: "arxiv/query.id.old-style.xml", [S2]: gone });
    const { paper: one } = await paperDetails({ web: old.web, id: "astro-ph/0601001", signal });
    expect(one).toMatchObject({
      ids: { arxiv: "astro-ph/0601001" },
      venue: "ActaAstron.56:1-50,2006",
      published: "2006-01-02",
    });
    expect(old.asked).toContain("https://huggingface.co/api/papers/astro-ph/0601001");
    const doi = client({ [S2]: "semantic-scholar/paper.all-fields.json" });
    const { paper: two } = await paperDetails({ web: doi.web, id: "10.1093/mind/lix.236.433", signal });
    expect(two).toMatchObject({
      title: "Computing Machinery and Intelligence",
      citations: 10059,
      published: expect.stringMatching(/^1950/),
    });
    expect(doi.asked[0]).toContain("/paper/DOI:10.1093/mind/lix.236.433?");
  });

  it("that was withdrawn says so, by the Hub and by arXiv's own words", async () => {
    const { web } = client({
      [HUB]: "hf-papers/paper.withdrawn.json",
      [ARXIV]: "arxiv/query.id.unknown.xml",
      [S2]: gone,
    });
    const { paper: hub } = await paperDetails({ web, id: "0000.00004", signal });
    expect(hub.withdrawn).toBe("Withdrawn on 2026-06-01.");
    const feed = readFileSync(join(folder ?? "", "arxiv/query.id.one.xml"), "utf8");
    const comment =
      "<arxiv:comment>This paper has been withdrawn by the author due to an error in Lemma 2.</arxiv:comment></entry>";
    const body = feed.replace(/<arxiv:comment>[\s\S]*?<\/arxiv:comment>/, "").replace("</entry>", comment);
    const other = client({ [HUB]: gone, [ARXIV]: { body }, [S2]: gone });
    const { paper: own } = await paperDetails({ web: other.web, id: "1605.08386", signal });
    expect(own.withdrawn).toContain("an error in Lemma 2");
  });

  it("that nobody knows is told apart from one that nobody could be asked for", async () => {
    const { web } = client({
      [HUB]: gone,
      [ARXIV]: "arxiv/query.id.unknown.xml",
      [S2]: "semantic-scholar/paper.not-found.404.json",
    });
    const nobody = client({
      [HUB]: gone,
      [ARXIV]: "arxiv/query.id.unknown.xml",
      [S2]: { status: 404, file: "semantic-scholar/paper.not-found.404.json" },
    });
    await expect(paperDetails({ web: nobody.web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "papers/unknown",
    });
    // An answer without a title is no paper.
    await expect(paperDetails({ web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "papers/unknown",
    });
    await expect(paperDetails({ web: client({}).web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "papers/unavailable",
    });
    const partly = client({
      [HUB]: gone,
      [ARXIV]: { status: 503, headers: { "retry-after": "600" } },
      [S2]: gone,
    });
    await expect(paperDetails({ web: partly.web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "papers/unknown",
      message: expect.stringContaining("arXiv could not be asked"),
    });
  });
});

describe.skipIf(folder === null)("passages and recommendations", () => {
  it("are passages with their paper, section and kind", async () => {
    const { web, asked } = client({ [S2]: "semantic-scholar/snippet-search.ok.json" });
    const passages = await searchSnippets({ web, query: "podoconiosis", papers: ["2106.09685"], signal });
    expect(passages).toHaveLength(3);
    expect(passages.map(({ kind }) => kind)).toEqual(
      ["title", "body", "abstract"].map(() => expect.any(String)),
    );
    expect(passages[0]?.paper.corpus).toBe("231872740");
    expect(asked[0]).toContain("paperIds=ARXIV%3A2106.09685");
    const none = client({ [S2]: "semantic-scholar/snippet-search.empty.json" });
    expect(await searchSnippets({ web: none.web, query: "qqqqq", signal })).toEqual([]);
    await expect(searchSnippets({ web, query: "", signal })).rejects.toMatchObject({
      code: "papers/bad_request",
    });
  });

  it("are papers like one, or like several and unlike others", async () => {
    const { web, asked } = client({
      [S2]: "semantic-scholar/recommendations.forpaper.json",
      [`${S2}recommendations/v1/papers/?`]: "semantic-scholar/recommendations.from-lists.json",
    });
    expect(await recommendPapers({ web, like: ["10.2139/ssrn.2250500"], limit: 100, signal })).toHaveLength(
      20,
    );
    const several = await recommendPapers({
      web,
      like: ["2106.09685", "2305.14314"],
      unlike: ["10.1145/301250.301271"],
      signal,
    });
    expect(several[0]?.title).toBe("The path sequence of a graph");
    expect(asked[1]).toMatch(/^POST /);
    await expect(recommendPapers({ web, like: [], signal })).rejects.toMatchObject({
      code: "papers/bad_request",
    });
    const empty = client({ [S2]: "semantic-scholar/recommendations.empty.json" });
    expect(await recommendPapers({ web: empty.web, like: ["2106.09685"], signal })).toEqual([]);
  });
});

describe.skipIf(folder === null)("what belongs to a paper on the Hub", () => {
  const routes = {
    [`${HUB}datasets`]: "hf-hub/datasets.by-paper.json",
    [`${HUB}models`]: "hf-hub/models.by-paper.json",
    [`${HUB}collections`]: "hf-hub/collections.by-paper.json",
  };

  it("are data sets, models and collections, asked as the Hub wants", async () => {
    const { web, asked } = client(routes);
    const { resources, missing } = await linkedResources({ web, id: "2106.09685", limit: 5, signal });
    expect(missing).toEqual([]);
    expect(asked).toContain(
      "https://huggingface.co/api/models?filter=arxiv:2106.09685&sort=downloads&direction=-1&limit=5",
    );
    expect(asked).toContain(
      "https://huggingface.co/api/collections?item=papers/2106.09685&limit=5&sort=upvotes",
    );
    expect(resources.map(({ kind, id, isGated, licence }) => ({ kind, id, isGated, licence }))).toEqual([
      { kind: "datasets", id: "example-org/intent-bench", isGated: false, licence: "cc-by-4.0" },
      { kind: "datasets", id: "example-org/private-clinic", isGated: true, licence: "other" },
      { kind: "models", id: "example-org/lora-intent-8b", isGated: false, licence: "apache-2.0" },
      { kind: "models", id: "example-user/lora-tiny", isGated: false, licence: null },
      {
        kind: "collections",
        id: expect.stringContaining("parameter-efficient"),
        isGated: false,
        licence: null,
      },
    ]);
    expect(resources[0]?.description).not.toMatch(/\s{2}/);
  });

  it("are told without a kind that fails; an error in place of a list is a failure", async () => {
    const { web } = client({ ...routes, [`${HUB}models`]: "hf-hub/rate-limit.200-with-error.json" });
    const { resources, missing } = await linkedResources({ web, id: "2106.09685", signal });
    expect(resources).toHaveLength(3);
    expect(missing).toMatchObject([{ kind: "models" }]);
    await expect(linkedResources({ web: client({}).web, id: "2106.09685", signal })).rejects.toMatchObject({
      code: "web/unreachable",
    });
    await expect(linkedResources({ web, id: "10.1234/x", signal })).rejects.toMatchObject({
      code: "papers/bad_id",
    });
  });
});
