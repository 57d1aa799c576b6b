import {
  type DocsPage,
  type DocsResult,
  type Documentation,
  DocumentationError,
  type Origin,
  type UpdatedSource,
} from "@ml-intern/research";
import { ToolFailure } from "../../failures/tool-failure.ts";
import type { ToolContext } from "../../tools/define-tool.ts";
import { addInstalledDocs } from "../add-installed-docs.ts";
import { quoteMaterial } from "../material.ts";
import type { Reading } from "../reading.ts";
import type { DocsQuestion } from "../tools/docs-tool.ts";
import { needed } from "./needed.ts";
import { PAGE, pageOfText } from "./page-of-text.ts";

const SITE = "huggingface.co";

export async function answerDocs(
  asked: DocsQuestion,
  { reading, context }: { readonly reading: Reading; readonly context: ToolContext },
): Promise<string> {
  const documentation = await reading.documentation();
  const { operation } = asked;
  switch (operation) {
    case "search":
      return await search(asked, { documentation, reading, context });
    case "read": {
      const page = needed(asked, "page");
      const { section, offset } = asked;
      const wanted = { page, signal: context.signal, ...(section !== undefined && { section }) };
      const part = await documentation.fetch({ ...wanted, limit: PAGE });
      if (!part.isCut && offset === 0) return shown(part, part.markdown);
      const { markdown } = await documentation.fetch({ ...wanted, limit: Number.POSITIVE_INFINITY });
      return shown({ ...part, contents: offset === 0 ? part.contents : [] }, pageOfText(markdown, offset));
    }
    case "list":
      return await list(documentation, context.signal);
    case "add":
      return await add(asked, { documentation, reading, context });
    default:
      return operation satisfies never;
  }
}

interface Place {
  readonly documentation: Documentation;
  readonly reading: Reading;
  readonly context: ToolContext;
}

async function search(asked: DocsQuestion, { documentation, reading, context }: Place): Promise<string> {
  const { source, limit } = asked;
  const query = needed(asked, "query");
  const { signal } = context;
  try {
    const { results, notes } = await documentation.search({
      query,
      limit,
      signal,
      ...(source !== undefined && { source }),
    });
    if (results.length === 0)
      return ["Nothing was found. Use other words, or `add` documentation.", ...notes].join("\n");
    for (const { title, section, source: of, version } of results) {
      context.show(`${of} ${version ?? ""}: ${section === "" ? title : `${title} > ${section}`}\n`);
    }
    const text = results.map(describeResult).join("\n\n");
    return [quoteMaterial({ source: "documentation kept here", text }), ...warnings(results), ...notes].join(
      "\n",
    );
  } catch (error) {
    // A library that is not kept may be known to the site's own search.
    const isUnknown = error instanceof DocumentationError && error.code === "docs/unknown_source";
    if (!isUnknown || source === undefined || reading.web.isOffline) throw error;
    const found = await documentation.searchSite({ query, library: source, limit, signal });
    const lines = found.map(({ title, headings, url, anchor, text }) => {
      const address = anchor === null || url.includes("#") ? url : `${url}#${anchor}`;
      return `- ${[title, ...headings].join(" > ")}\n  ${address}\n  ${text.replaceAll(/\s+/g, " ").slice(0, 300)}`;
    });
    const text = lines.length === 0 ? "Nothing was found." : lines.join("\n");
    return `${quoteMaterial({ source: SITE, text })}\n[From the site's own search; \`add\` the library to search it here.]`;
  }
}

function describeResult({ title, section, source, path, anchor, version, snippet }: DocsResult): string {
  const place = `${source}/${path}${anchor === "" ? "" : `#${anchor}`}`;
  const heading = section === "" || section === title ? title : `${title}: ${section}`;
  return `- ${heading} (${version ?? "version unknown"})\n  page: ${place}\n  ${snippet.replaceAll("\n", "\n  ")}`;
}

/** Sections of a page that are listed. */
const LISTED = 40;

function shown(page: DocsPage, text: string): string {
  const { url, contents, fetchedAt, isStale, warning, version } = page;
  const list = contents
    .slice(0, LISTED)
    .map(({ heading, anchor, characters }) => `- ${heading} (section ${anchor}, ${characters} characters)`);
  const rest = contents.length > LISTED ? [`[${contents.length} in all]`] : [];
  const more = list.length === 0 ? [] : ["[Sections of the page:]", ...list, ...rest];
  const source = version === null ? url : `${url} (${version})`;
  const quoted = quoteMaterial({ source, text: [text, ...more].join("\n"), at: fetchedAt, isStale });
  return warning === null ? quoted : `${quoted}\n[${warning}]`;
}

async function list(documentation: Documentation, signal: AbortSignal): Promise<string> {
  const sources = await documentation.sources(signal);
  if (sources.length === 0) return "Nothing is kept yet: `add` a library or an installed package.";
  return sources
    .map(({ id, version, pages, missing, listedAt }) => {
      const left = missing === 0 ? "" : `, ${missing} not read yet`;
      return `- ${id}: ${version ?? "version unknown"}, ${pages} pages${left}, read ${listedAt.toISOString().slice(0, 10)}`;
    })
    .join("\n");
}

async function add(asked: DocsQuestion, { documentation, reading, context }: Place): Promise<string> {
  const { package: installed, environment } = asked;
  const { signal, show } = context;
  if (installed !== undefined) {
    return added(await addInstalledDocs(installed, { documentation, reading, environment, context }));
  }
  const onProgress = ({ pages, of }: { readonly pages: number; readonly of: number }): void =>
    show(`${pages} of ${of} pages\n`);
  return added(await documentation.add({ origin: originOf(asked), onProgress, signal }));
}

function originOf({ library, url }: DocsQuestion): Origin {
  if (url !== undefined) return { kind: "llms", url };
  if (library === "hub-api") return { kind: "openapi" };
  if (library !== undefined) return { kind: "library", library };
  throw new ToolFailure(
    "tool/wrong_arguments",
    "add needs library, package or url.",
    "Nothing was done. Send the call again with one of them.",
  );
}

function added({ source, added, changed, unchanged, missing, failed, stopped }: UpdatedSource): string {
  const facts = [`${source}: ${added} pages added`, `${changed} changed`, `${unchanged} as they were`];
  const left = missing > 0 ? [`${missing} are still to be read: \`add\` it again later`] : [];
  const lost = failed.length > 0 ? [`${failed.length} could not be had`] : [];
  return `${[...facts, ...left, ...lost].join(", ")}.${stopped === null ? "" : ` ${stopped}`}`;
}

function warnings(results: readonly DocsResult[]): string[] {
  return [...new Set(results.flatMap(({ warning }) => warning ?? []))].map((warning) => `[${warning}]`);
}
