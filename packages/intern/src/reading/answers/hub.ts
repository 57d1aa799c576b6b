import {
  describeDataset,
  describeHit,
  describeModel,
  type Hub,
  type HubRepo,
  hubRepo,
  inspectHubDataset,
  inspectHubModel,
  listHubDiscussions,
  listHubFiles,
  listHubRefs,
  type RowQuestion,
  readDatasetRows,
  readHubDiscussion,
  readHubFile,
  searchHub,
} from "@ml-intern/research";
import { ToolFailure } from "../../failures/tool-failure.ts";
import type { Material } from "../material.ts";
import type { HubInspecting, HubLooking, HubSearching } from "../tools/hub-tools.ts";
import { type Answering, quoteReading } from "./answering.ts";
import { needed } from "./needed.ts";
import { pageOfText } from "./page-of-text.ts";

export async function answerHubSearch(
  { hub: which, kind, sort, limit, ...words }: HubSearching,
  { reading, signal }: Answering,
): Promise<string> {
  const given = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
  return await quoteReading(reading, async (reading) => {
    const hub = reading.hub(which);
    const { hits, hasMore } = await searchHub(hub, { kind, sort, limit, signal, ...given });
    const lines = hits.map((hit) => `- ${describeHit(hit)}`);
    const more = hasMore ? ["[there are more]"] : [];
    const text = lines.length === 0 ? "Nothing was found. Use fewer words." : [...lines, ...more].join("\n");
    return { source: hub.url, text };
  });
}

export async function answerHubInspect(
  asked: HubInspecting,
  { reading, signal }: Answering,
): Promise<string> {
  return await quoteReading(reading, (reading) => inspect(asked, reading.hub(asked.hub), signal));
}

async function inspect(
  { kind, id, config, split, rows, find, where }: HubInspecting,
  hub: Hub,
  signal: AbortSignal,
): Promise<Material> {
  const repo = hubRepo(kind, id);
  if (kind === "model") {
    const facts = await inspectHubModel(hub, { repo, signal });
    return { source: facts.url, text: describeModel(facts) };
  }
  if (find !== undefined || where !== undefined) {
    const place = { repo, config: config ?? "default", split: split ?? "train" };
    const question = questionOf(find, where);
    const found = await readDatasetRows(hub, { ...place, find: question, limit: Math.max(1, rows), signal });
    const lines = found.rows.map(({ index, row }) => `${index}: ${JSON.stringify(row)}`);
    const part = found.isPartial ? ", in the first part of the data set" : "";
    const head = `${found.total ?? "An unknown number of"} rows fit${part}.`;
    return { source: `${hub.url}/datasets/${repo.id}`, text: [head, ...lines].join("\n") };
  }
  const table = { ...(config !== undefined && { config }), ...(split !== undefined && { split }) };
  const facts = await inspectHubDataset(hub, { repo, rows, signal, ...table });
  return { source: facts.url ?? facts.name, text: describeDataset(facts) };
}

function questionOf(find: string | undefined, where: string | undefined): RowQuestion {
  if (find === undefined) return { kind: "where", condition: where ?? "" };
  if (where === undefined) return { kind: "words", words: find };
  throw new ToolFailure(
    "tool/wrong_arguments",
    "The viewer looks for words or for a condition, not for both.",
    "Nothing was done. Send the call again with `find` or with `where`.",
  );
}

export async function answerHubRepo(asked: HubLooking, { reading, signal }: Answering): Promise<string> {
  return await quoteReading(reading, async (reading) => {
    const hub = reading.hub(asked.hub);
    const repo = hubRepo(asked.kind, asked.id);
    return { source: `${hub.url} ${asked.kind} ${repo.id}`, text: await look(asked, { hub, repo, signal }) };
  });
}

async function look(
  asked: HubLooking,
  { hub, repo, signal }: { readonly hub: Hub; readonly repo: HubRepo; readonly signal: AbortSignal },
): Promise<string> {
  const { operation, revision, path, offset, limit } = asked;
  switch (operation) {
    case "list_files": {
      const folder = path === undefined ? {} : { folder: path };
      const files = await listHubFiles(hub, { repo, revision, signal, ...folder });
      const lines = files.slice(0, limit).map((file) => `- ${file.path} (${file.size} bytes)`);
      const more = files.length > limit ? [`[${files.length} in all]`] : [];
      return lines.length === 0 ? "There are no files." : [...lines, ...more].join("\n");
    }
    case "read_file": {
      const file = await readHubFile(hub, { repo, revision, path: needed(asked, "path"), signal });
      if (file.text === null) return `${path} is no text.`;
      const cut = file.isWhole ? [] : [`[only the first MiB of ${file.size} bytes is read: download it]`];
      return [pageOfText(file.text, offset), ...cut].join("\n");
    }
    case "list_refs": {
      const { branches, tags, pullRequests } = await listHubRefs(hub, { repo, signal });
      const lines = [
        ...branches.map(({ name, commit }) => `- branch ${name}: ${commit}`),
        ...tags.map(({ name, commit }) => `- tag ${name}: ${commit}`),
        ...pullRequests.map(({ name, commit }) => `- pull request ${name}: ${commit}`),
      ];
      const more = lines.length > limit ? [`[${lines.length} in all]`] : [];
      return [...lines.slice(0, limit), ...more].join("\n");
    }
    case "list_discussions": {
      const { discussions, total } = await listHubDiscussions(hub, { repo, limit, signal });
      const lines = discussions.map(
        ({ number, title, status, isPullRequest, author, created }) =>
          `- #${number} ${isPullRequest ? "pull request" : "discussion"}, ${status}, ${author ?? "somebody"}, ${created.slice(0, 10)}: ${title}`,
      );
      return lines.length === 0 ? "There are none." : [...lines, `[${total} in all]`].join("\n");
    }
    case "read_discussion": {
      const found = await readHubDiscussion(hub, { repo, number: needed(asked, "number"), signal });
      const events = found.events.map(
        ({ author, at, text }) => `## ${author ?? "somebody"}, ${at.slice(0, 16)}\n${text}`,
      );
      const diff = found.diff === null ? [] : [`\`\`\`diff\n${found.diff}\n\`\`\``];
      return pageOfText([`# ${found.title} (${found.status})`, ...events, ...diff].join("\n\n"), offset);
    }
    default:
      return operation satisfies never;
  }
}
