import { expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { serveWeb } from "../testing/web-service.ts";
import { type SearchProvider, searchCredentials } from "./search-provider.ts";
import { searchWeb } from "./search-web.ts";

const signal = new AbortController().signal;

/** The services themselves cannot be reached from a test: answers in the shapes that their documentation gives. */
function answering(
  body: string,
  status = 200,
): { readonly web: (provider: SearchProvider) => WebClient; readonly asked: Request[] } {
  const asked: Request[] = [];
  const web = (provider: SearchProvider): WebClient =>
    new WebClient({
      cache: null,
      credentials: searchCredentials(provider),
      fetch: async (url, init) => {
        asked.push(new Request(url, init as RequestInit));
        return new Response(body, { status });
      },
    });
  return { web, asked };
}

const LIST = `<div class="results">
  <div class="result results_links"><h2><a class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Farxiv.org%2Fabs%2F2106.09685&amp;rut=1">Lo<b>RA</b> &amp; more</a></h2>
    <a class="result__snippet" href="x">Low-rank  <b>adaptation</b></a></div>
  <div class="result result--ad"><a class="result__a" href="//duckduckgo.com/y.js?ad_provider=x">Buy</a></div>
  <div class="result"><a class="result__a" href="https://example.org/b">B</a></div>
</div>`;

it("DuckDuckGo's page is read: links are what they lead to, advertisements are left out", async () => {
  const { web } = answering(LIST);
  const provider = { kind: "duckduckgo" } as const;
  const found = await searchWeb(web(provider), { provider, query: "lora", limit: 5, signal });
  expect(found).toEqual([
    { title: "LoRA & more", url: "https://arxiv.org/abs/2106.09685", snippet: "Low-rank adaptation" },
    { title: "B", url: "https://example.org/b", snippet: "" },
  ]);
});

it("nothing found is an empty list; a page that asks for a human is an error that says what to do", async () => {
  const provider = { kind: "duckduckgo" } as const;
  const search = (page: string) =>
    searchWeb(answering(page).web(provider), { provider, query: "x", limit: 5, signal });
  expect(await search('<div class="no-results">No results.</div>')).toEqual([]);
  await expect(search('<form id="challenge-form" class="anomaly-modal">')).rejects.toMatchObject({
    code: "web/wrong_type",
    mend: expect.stringContaining("web.search"),
  });
});

it("domains are kept or left out whatever the provider makes of them", async () => {
  const provider = { kind: "duckduckgo" } as const;
  const { web, asked } = answering(LIST);
  const search = (more: object) =>
    searchWeb(web(provider), { provider, query: "lora", limit: 5, signal, ...more });
  expect((await search({ only: ["arxiv.org"] })).map(({ url }) => url)).toEqual([
    "https://arxiv.org/abs/2106.09685",
  ]);
  expect(new URL(asked[0]?.url ?? "").searchParams.get("q")).toBe("lora site:arxiv.org");
  expect(await search({ only: ["https://www.arXiv.org/abs/"] })).toHaveLength(1);
  expect((await search({ without: ["arxiv.org"] })).map(({ url }) => url)).toEqual(["https://example.org/b"]);
});

it("a key goes to its provider alone", async () => {
  const brave = { kind: "brave", key: "secret" } as const;
  const results = [{ title: "A <strong>b</strong>", url: "https://example.org/", description: "c &amp; d" }];
  const { web, asked } = answering(JSON.stringify({ web: { results } }));
  const found = await searchWeb(web(brave), { provider: brave, query: "q", limit: 3, signal });
  expect(found).toEqual([{ title: "A b", url: "https://example.org/", snippet: "c & d" }]);
  expect(asked[0]?.headers.get("x-subscription-token")).toBe("secret");
  await web(brave).request({ url: "https://example.org/", signal });
  expect(asked[1]?.headers.get("x-subscription-token")).toBeNull();
});

it("Tavily is asked as it wants", async () => {
  const tavily = { kind: "tavily", key: "secret" } as const;
  const { web, asked } = answering(
    JSON.stringify({ results: [{ title: "A", url: "https://example.org/", content: "c" }] }),
  );
  const found = await searchWeb(web(tavily), { provider: tavily, query: "q", limit: 3, signal });
  expect(found).toEqual([{ title: "A", url: "https://example.org/", snippet: "c" }]);
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer secret");
  expect(await asked[0]?.json()).toEqual({ query: "q", max_results: 3 });
});

it("a person's own SearXNG is asked, and says when its settings do not allow it", async () => {
  await using service = await serveWeb((request, response) => {
    if (request.url?.includes("q=closed")) response.writeHead(403).end();
    else
      response.end(JSON.stringify({ results: [{ title: "A", url: "https://example.org/", content: null }] }));
  });
  const web = new WebClient({ cache: null, hosts: { ownServers: [service.host] } });
  const provider = { kind: "searxng", url: `${service.url}/` } as const;
  expect(await searchWeb(web, { provider, query: "q", limit: 3, signal })).toEqual([
    { title: "A", url: "https://example.org/", snippet: "" },
  ]);
  expect(service.asked[0]?.path).toBe("/search?q=q&format=json");
  await expect(searchWeb(web, { provider, query: "closed", limit: 3, signal })).rejects.toMatchObject({
    mend: expect.stringContaining("search.formats"),
  });
});
