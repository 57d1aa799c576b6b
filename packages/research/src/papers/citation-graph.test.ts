import { describe, expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { type Answer, answering } from "../testing/answers.ts";
import { recordings } from "../testing/recorded-fetch.ts";
import { type CitationProgress, citationGraph } from "./citation-graph.ts";

const signal = new AbortController().signal;
const S2 = "api.semanticscholar.org/graph/v1/paper/";
const now = () => Date.parse("2026-01-01");

function client(routes: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const fetch = answering(routes);
  return { web: new WebClient({ cache: null, fetch, random: () => -0.5 }), asked: fetch.asked };
}

const idOf = (name: string) => name.repeat(40).slice(0, 40);
const paper = (name: string, over: object = {}) => ({
  paperId: idOf(name),
  title: `Paper ${name}`,
  year: 2020,
  citationCount: 9,
  ...over,
});
const list = (
  kind: "citedPaper" | "citingPaper",
  edges: readonly { paper: object; [key: string]: unknown }[],
  over: object = {},
): Answer => ({
  body: JSON.stringify({
    offset: 0,
    data: edges.map(({ paper: one, ...edge }) => ({ ...edge, [kind]: one })),
    ...over,
  }),
});
const root: Answer = { body: JSON.stringify(paper("0")) };

describe("the citations of a paper", () => {
  it("come in both directions, those built upon, cited, new and reached often first", async () => {
    const { web } = client({
      [`${S2}ARXIV:2106.09685?`]: root,
      [`${S2}ARXIV:2106.09685/references`]: list("citedPaper", [
        { paper: paper("a", { citationCount: 0 }) },
        {
          paper: paper("b", { citationCount: 0 }),
          isInfluential: true,
          contexts: ["We build on b."],
          intents: ["methodology"],
        },
        { paper: paper("0") },
        { paper: { paperId: null, title: null } },
      ]),
      [`${S2}ARXIV:2106.09685/citations`]: list("citingPaper", [
        { paper: paper("c", { citationCount: 9999, publicationDate: "2025-06-01" }) },
        { paper: paper("d", { year: null, citationCount: null }) },
      ]),
    });
    const { papers, requests, isPartial, missing } = await citationGraph({
      web,
      id: "2106.09685",
      now,
      signal,
    });
    expect({ requests, isPartial, missing }).toEqual({ requests: 2, isPartial: false, missing: [] });
    expect(papers.map(({ paper: { title }, direction, score }) => [title, direction, score])).toEqual([
      ["Paper c", "citations", 4.667],
      ["Paper b", "references", 4.088],
      ["Paper a", "references", 0.088],
      ["Paper d", "citations", 0],
    ]);
    expect(papers[1]).toMatchObject({ isInfluential: true, context: "We build on b.", hops: 1, paths: 1 });
  });

  const twoHops = {
    [`${S2}ARXIV:2106.09685?`]: root,
    [`${S2}ARXIV:2106.09685/references`]: list(
      "citedPaper",
      ["a", "b", "c"].map((name) => ({ paper: paper(name) })),
    ),
    [`${S2}${idOf("a")}/references`]: list("citedPaper", [
      { paper: paper("x") },
      { paper: paper("b") },
      { paper: paper("0") },
    ]),
    [`${S2}${idOf("b")}/references`]: list("citedPaper", [{ paper: paper("x") }]),
    [`${S2}${idOf("c")}/references`]: list("citedPaper", [{ paper: paper("y") }]),
  };

  it("over two hops count the ways by which a paper is reached", async () => {
    const { web } = client(twoHops);
    const seen: CitationProgress[] = [];
    const graph = await citationGraph({
      web,
      id: "2106.09685",
      directions: ["references"],
      hops: 2,
      now,
      onProgress: (progress) => seen.push(progress),
      signal,
    });
    const found = Object.fromEntries(
      graph.papers.map(({ paper: { title }, hops, paths }) => [title.at(-1), [hops, paths]]),
    );
    expect(found).toEqual({ a: [1, 1], b: [1, 2], c: [1, 1], x: [2, 2], y: [2, 1] });
    expect(seen).toEqual([1, 2, 3, 4].map((requests) => ({ requests, of: 12, papers: expect.any(Number) })));
    expect(graph.isPartial).toBe(false);
  });

  it("stay within the number of requests, and say that there is more", async () => {
    const { web, asked } = client(twoHops);
    const graph = await citationGraph({
      web,
      id: "2106.09685",
      directions: ["references"],
      hops: 2,
      requests: 2,
      now,
      signal,
    });
    expect(asked).toHaveLength(3);
    expect(graph).toMatchObject({ requests: 2, isPartial: true });
    const more = client({
      ...twoHops,
      [`${S2}ARXIV:2106.09685/references`]: list("citedPaper", [{ paper: paper("a") }], { next: 200 }),
    });
    expect(
      await citationGraph({ web: more.web, id: "2106.09685", directions: ["references"], now, signal }),
    ).toMatchObject({ isPartial: true });
  });

  it("are kept as far as they came when the service wants fewer requests, with the reason", async () => {
    const { web, asked } = client({
      ...twoHops,
      [`${S2}${idOf("b")}/references`]: {
        status: 429,
        headers: { "retry-after": "600" },
        body: '{"message":"Too Many Requests."}',
      },
    });
    const { papers, missing, isPartial } = await citationGraph({
      web,
      id: "2106.09685",
      directions: ["references"],
      hops: 2,
      now,
      signal,
    });
    expect(papers.map(({ paper: { title } }) => title)).toContain("Paper x");
    expect(papers).toHaveLength(4);
    expect(isPartial).toBe(true);
    expect(missing).toEqual([
      {
        source: "Semantic Scholar",
        why: expect.stringContaining("Too Many Requests."),
        mend: expect.stringContaining("600 s"),
      },
    ]);
    // It is left alone after that.
    expect(asked).toHaveLength(4);
  });

  it("of a paper that is unknown, or of a service that is away, are an error", async () => {
    const unknown = client({ [S2]: { status: 404, body: '{"error":"Paper with id 0 not found"}' } });
    await expect(citationGraph({ web: unknown.web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "papers/unknown",
    });
    await expect(citationGraph({ web: client({}).web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "web/unreachable",
    });
  });

  it("stop when they are stopped", async () => {
    const stop = new AbortController();
    const { web } = client(twoHops);
    const graph = citationGraph({
      web,
      id: "2106.09685",
      directions: ["references"],
      hops: 2,
      onProgress: () => stop.abort(new Error("enough")),
      signal: stop.signal,
    });
    await expect(graph).rejects.toThrow("enough");
  });
});

describe.skipIf(recordings() === null)("recorded lists of citations", () => {
  const ask = (file: string, direction: "references" | "citations") => {
    const { web } = client({ [`${S2}CorpusId:1?`]: root, [`${S2}CorpusId:1/`]: `semantic-scholar/${file}` });
    return citationGraph({ web, id: "CorpusId:1", directions: [direction], now, signal });
  };

  it("that a publisher withholds are told as such, with where else to look", async () => {
    const { papers, missing } = await ask("references.elided.json", "references");
    expect(papers).toEqual([]);
    expect(missing).toMatchObject([
      { why: expect.stringContaining("elided by the publisher"), mend: expect.stringContaining("bib") },
    ]);
  });

  it("are read with nulls in them, and empty", async () => {
    const { papers } = await ask("citations.contexts.json", "citations");
    expect(papers[0]).toMatchObject({
      isInfluential: true,
      context: expect.stringContaining("[4]"),
      paper: { ids: { doi: "10.1109/lra.2022.3229266" } },
    });
    expect(papers[1]?.paper).toMatchObject({
      title: "A citing paper that the graph could not resolve",
      published: null,
      citations: null,
    });
    expect((await ask("references.contexts.json", "references")).papers[0]?.paper.ids.arxiv).toBe(
      "1402.0030",
    );
    expect((await ask("references.empty.json", "references")).papers).toEqual([]);
  });
});
