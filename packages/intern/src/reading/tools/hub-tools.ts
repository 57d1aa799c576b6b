import {
  describeDataset,
  describeHit,
  describeModel,
  hubRepo,
  inspectHubDataset,
  inspectHubModel,
  readDatasetRows,
  searchHub,
} from "@ml-intern/research";
import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openedLibrary } from "../library.ts";
import { quoteMaterial } from "../material.ts";
import { hubHosts, hubSchema } from "./which-hub.ts";

const kind = z.enum(["model", "dataset"]);

export function hubSearchTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_search",
    description: "Searches models or data sets of a hub; each with licence, gate, downloads and size.",
    readOnly: true,
    input: z.strictObject({
      kind,
      query: z.string().min(1).max(200).optional().describe("words of the name"),
      author: z.string().min(1).optional(),
      task: z.string().min(1).optional().describe("such as text-classification"),
      library: z.string().min(1).optional().describe("such as transformers, peft, gguf"),
      tags: z.array(z.string().min(1)).max(10).optional().describe("such as language:de, arxiv:2106.09685"),
      sort: z.enum(["trending", "downloads", "likes", "created", "modified"]).default("downloads"),
      limit: z.int().min(1).max(50).default(10),
      hub: hubSchema,
    }),
    facts: ({ hub }) => ({ hosts: hubHosts(library, hub) }),
    async execute({ hub: which, kind, sort, limit, ...words }, { signal }) {
      const hub = openedLibrary(library).hub(which);
      const search = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
      const { hits, hasMore } = await searchHub(hub, { kind, sort, limit, signal, ...search });
      if (hits.length === 0) return "Nothing was found. Use fewer words.";
      const text = [
        ...hits.map((hit) => `- ${describeHit(hit)}`),
        ...(hasMore ? ["[there are more]"] : []),
      ].join("\n");
      return quoteMaterial({ source: hub.url, text });
    },
  });
}

export function hubInspectTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_inspect",
    description:
      "What a hub knows of one model (files, parameters, configuration, card, licence, gate) or data set (splits, schema, statistics, first rows, Parquet files, what training it fits). With `find` or `where`, rows of the data set instead.",
    readOnly: true,
    input: z.strictObject({
      kind,
      id: z.string().min(1).describe("owner/name"),
      config: z.string().min(1).optional(),
      split: z.string().min(1).optional(),
      rows: z.int().min(0).max(100).default(3),
      find: z.string().min(1).max(200).optional().describe("words that the rows have"),
      where: z
        .string()
        .min(1)
        .max(1_000)
        .optional()
        .describe('SQL condition that the rows fit, such as "label" = 1'),
      hub: hubSchema,
    }),
    facts: ({ hub }) => ({ hosts: hubHosts(library, hub) }),
    async execute({ kind, id, config, split, rows, find, where, hub: which }, { signal }) {
      const hub = openedLibrary(library).hub(which);
      const repo = hubRepo(kind, id);
      if (kind === "model") {
        const facts = await inspectHubModel(hub, { repo, signal });
        return quoteMaterial({ source: facts.url, text: describeModel(facts) });
      }
      if (find !== undefined || where !== undefined) {
        const wanted = { ...(find !== undefined && { search: find }), ...(where !== undefined && { where }) };
        const place = { repo, config: config ?? "default", split: split ?? "train" };
        const found = await readDatasetRows(hub, { ...place, ...wanted, limit: rows, signal });
        const lines = found.rows.map(({ index, row }) => `${index}: ${JSON.stringify(row)}`);
        const head = `${found.total ?? "An unknown number of"} rows fit${found.isPartial ? ", in the first part of the data set" : ""}.`;
        return quoteMaterial({ source: `${hub.url}/datasets/${repo.id}`, text: [head, ...lines].join("\n") });
      }
      const table = { ...(config !== undefined && { config }), ...(split !== undefined && { split }) };
      const facts = await inspectHubDataset(hub, { repo, rows, signal, ...table });
      return quoteMaterial({ source: facts.url ?? facts.name, text: describeDataset(facts) });
    },
  });
}
