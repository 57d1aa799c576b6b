import {
  citationGraph,
  extractRecipe,
  linkedResources,
  type Missing,
  type Paper,
  type PaperReading,
  paperDetails,
  readPaper,
  recommendPapers,
  searchPapers,
  searchSnippets,
  trendingPapers,
  type WebClient,
} from "@ml-intern/research";
import type { Material } from "../material.ts";
import type { PapersQuestion } from "../tools/papers-tool.ts";
import { type Answering, quoteReading } from "./answering.ts";
import { describePaper, describeRecipe } from "./describe-paper.ts";
import { needed } from "./needed.ts";

type Show = (text: string) => void;

export async function answerPapers(
  asked: PapersQuestion,
  { reading, show, signal }: Answering & { readonly show: Show },
): Promise<string> {
  return await quoteReading(reading, ({ web }) => answer(asked, { web, show, signal }));
}

async function answer(
  asked: PapersQuestion,
  { web, show, signal }: { readonly web: WebClient; readonly show: Show; readonly signal: AbortSignal },
): Promise<Material> {
  const { operation, limit, query, since, until, categories, min_citations: minCitations, sort } = asked;
  switch (operation) {
    case "search": {
      const span = { ...(since !== undefined && { from: since }), ...(until !== undefined && { to: until }) };
      const more = { ...(categories && { categories }), ...(minCitations !== undefined && { minCitations }) };
      const found = await searchPapers({
        web,
        query: needed(asked, "query"),
        limit,
        sort,
        signal,
        ...span,
        ...more,
      });
      return { source: found.asked.join(", "), text: listed(found.papers, found.missing) };
    }
    case "trending": {
      const words = { ...(query !== undefined && { query }), ...(since !== undefined && { date: since }) };
      return { source: "Hugging Face", text: listed(await trendingPapers({ web, limit, signal, ...words })) };
    }
    case "details": {
      const { paper, missing } = await paperDetails({ web, id: needed(asked, "id"), signal });
      const text = [
        describePaper(paper),
        paper.abstract ?? "(no abstract)",
        ...missing.map(describeMissing),
      ].join("\n\n");
      return { source: paper.links.page, text };
    }
    case "read":
      return reading(
        await readPaper({ web, id: needed(asked, "id"), from: asked.from, signal, ...section(asked) }),
        asked.from,
      );
    case "recipe": {
      const recipe = await extractRecipe({ web, id: needed(asked, "id"), signal });
      return { source: recipe.url, text: describeRecipe(recipe) };
    }
    case "citations": {
      const directions = asked.direction === "both" ? {} : { directions: [asked.direction] };
      const onProgress = ({ requests, of, papers }: { requests: number; of: number; papers: number }): void =>
        show(`${requests} of ${of} lists, ${papers} papers\n`);
      const options = {
        web,
        id: needed(asked, "id"),
        hops: asked.hops,
        limit,
        onProgress,
        signal,
        ...directions,
      };
      const graph = await citationGraph(options);
      const lines = graph.papers.map(({ paper, direction, hops, paths, isInfluential, context }) => {
        const facts = [
          direction === "references" ? "cited by it" : "cites it",
          ...(hops === 2 ? ["two steps away"] : []),
          ...(paths > 1 ? [`${paths} ways`] : []),
          ...(isInfluential ? ["built upon"] : []),
        ];
        return `- ${describePaper(paper)} [${facts.join(", ")}]${context === null ? "" : `\n  “${context}”`}`;
      });
      const partial = graph.isPartial ? ["[There may be more: not every list was asked for.]"] : [];
      const notes = [...partial, ...graph.missing.map(describeMissing)];
      return {
        source: graph.root.links.page,
        text: [describePaper(graph.root), ...lines, ...notes].join("\n"),
      };
    }
    case "snippets": {
      const papers = asked.id === undefined ? {} : { papers: [asked.id] };
      const found = await searchSnippets({ web, query: needed(asked, "query"), limit, signal, ...papers });
      const lines = found.map(({ paper, section, text }) => {
        const place = [paper.title, paper.corpus === null ? null : `CorpusID:${paper.corpus}`, section];
        return `- ${place.filter((each) => each !== null).join(" · ")}\n  “${text}”`;
      });
      return { source: "Semantic Scholar", text: lines.length === 0 ? NOTHING : lines.join("\n") };
    }
    case "recommend": {
      const found = await recommendPapers({ web, like: [needed(asked, "id")], limit, signal });
      return { source: "Semantic Scholar", text: listed(found) };
    }
    case "linked": {
      const { resources, missing } = await linkedResources({ web, id: needed(asked, "id"), limit, signal });
      const lines = resources.map(({ kind, id, title, downloads, likes, task, licence, isGated }) => {
        const facts = [
          task,
          licence,
          isGated ? "gated" : null,
          count(downloads, "downloads"),
          count(likes, "likes"),
        ];
        const told = facts.filter((fact) => fact !== null).join(" · ");
        return `- ${kind.replace(/s$/, "")} ${title ?? id}${told === "" ? "" : `: ${told}`}`;
      });
      const notes = missing.map(({ kind, why }) => `[${kind}: ${why}]`);
      return {
        source: "huggingface.co",
        text: [...(lines.length === 0 ? [NOTHING] : lines), ...notes].join("\n"),
      };
    }
    default:
      return operation satisfies never;
  }
}

const MOST_SECTIONS = 60;

const NOTHING = "Nothing was found. Use fewer or other words.";

function listed(papers: readonly Paper[], missing: readonly Missing[] = []): string {
  const most = papers.length > 20 ? BEGINNING / 2 : BEGINNING;
  const lines = papers.map((paper) => `- ${describePaper(paper)}${beginning(paper.abstract, most)}`);
  return [...(lines.length === 0 ? [NOTHING] : lines), ...missing.map(describeMissing)].join("\n");
}

/** Of an abstract so many characters stand in a list; in a long one half of them. */
const BEGINNING = 280;

function beginning(abstract: string | null, most: number): string {
  if (abstract === null) return "";
  const line = abstract.replaceAll(/\s+/g, " ").trim();
  return `\n  ${line.length > most ? `${line.slice(0, most)}…` : line}`;
}

function reading({ title, url, note, contents, anchor, text, next }: PaperReading, from: number): Material {
  // The sections of a book would leave no room for its text.
  const listed = contents.length > MOST_SECTIONS ? contents.filter(({ level }) => level <= 1) : contents;
  const list = listed
    .slice(0, MOST_SECTIONS)
    .map(
      ({ level, number, title, anchor, characters }) =>
        `${"  ".repeat(Math.max(0, level - 1))}- ${`${number} ${title}`.trim()} (section ${anchor}, ${characters} characters)`,
    );
  // Who goes on has the contents.
  const head = anchor === null && from === 0 ? [`# ${title ?? "Untitled"}`, ...list, ""] : [];
  if (text === "" && from > 0) return { source: url, text: `[There is nothing from character ${from} on.]` };
  const more = next === null ? [] : [`[${next.left} more characters; go on with from ${next.from}]`];
  return { source: url, text: [...(note === null ? [] : [`[${note}]`]), ...head, text, ...more].join("\n") };
}

function section({ section }: PapersQuestion): { section?: string } {
  return section === undefined ? {} : { section };
}

function describeMissing({ source, why, mend }: Missing): string {
  return `[${source} could not say its part: ${why} ${mend}]`;
}

function count(number: number | null, what: string): string | null {
  return number === null ? null : `${number.toLocaleString("en")} ${what}`;
}
