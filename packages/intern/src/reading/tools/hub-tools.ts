import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary, type WhichHub } from "../library.ts";
import { hubSchema } from "./which-hub.ts";

const kind = z.enum(["model", "dataset"]);

interface OnHub {
  readonly hub: WhichHub;
}

export interface HubSearching extends OnHub {
  readonly kind: "model" | "dataset";
  readonly query?: string | undefined;
  readonly author?: string | undefined;
  readonly task?: string | undefined;
  readonly library?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly sort: "trending" | "downloads" | "likes" | "created" | "modified";
  readonly limit: number;
}

export interface HubInspecting extends OnHub {
  readonly kind: "model" | "dataset";
  readonly id: string;
  readonly config?: string | undefined;
  readonly split?: string | undefined;
  readonly rows: number;
  readonly find?: string | undefined;
  readonly where?: string | undefined;
}

export interface HubLooking extends OnHub {
  readonly operation: "list_files" | "read_file" | "list_refs" | "list_discussions" | "read_discussion";
  readonly kind: "model" | "dataset" | "space";
  readonly id: string;
  readonly revision: string;
  readonly path?: string | undefined;
  readonly offset: number;
  readonly number?: number | undefined;
  readonly limit: number;
}

const searching: z.ZodType<HubSearching> = z.strictObject({
  kind,
  query: z.string().min(1).max(200).optional().describe("words of the name"),
  author: z.string().min(1).optional(),
  task: z.string().min(1).optional().describe("such as text-classification"),
  library: z.string().min(1).optional().describe("such as transformers, peft, gguf"),
  tags: z.array(z.string().min(1)).max(10).optional().describe("such as language:de, arxiv:2106.09685"),
  sort: z.enum(["trending", "downloads", "likes", "created", "modified"]).default("downloads"),
  limit: z.int().min(1).max(50).default(10),
  hub: hubSchema,
});

const inspecting: z.ZodType<HubInspecting> = z.strictObject({
  kind,
  id: z.string().min(1).describe("owner/name"),
  config: z.string().min(1).optional(),
  split: z.string().min(1).optional(),
  rows: z.int().min(0).max(100).default(3),
  find: z.string().min(1).max(200).optional().describe("words that the rows have"),
  where: z.string().min(1).max(1_000).optional().describe('condition in SQL that the rows fit: "label" = 1'),
  hub: hubSchema,
});

const looking: z.ZodType<HubLooking> = z.strictObject({
  operation: z.enum(["list_files", "read_file", "list_refs", "list_discussions", "read_discussion"]),
  kind: z.enum(["model", "dataset", "space"]),
  id: z.string().min(1).describe("owner/name"),
  revision: z.string().min(1).default("main").describe("branch, tag or commit"),
  path: z.string().optional().describe("of the file to read, or of the folder to list"),
  offset: z.int().min(0).default(0).describe("the character to go on from"),
  number: z.int().min(1).optional().describe("of the discussion or pull request"),
  limit: z.int().min(1).max(200).default(50),
  hub: hubSchema,
});

export function hubSearchTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_search",
    description: "Searches models or data sets of a hub; each with licence, gate, downloads and size.",
    readOnly: true,
    input: searching,
    facts: ({ hub }) => ({ hosts: library?.hubHosts(hub) ?? "any" }),
    async execute(asked, { signal }) {
      const { answerHubSearch } = await import("../answers/hub.ts");
      return await answerHubSearch(asked, { reading: await openLibrary(library), signal });
    },
  });
}

export function hubInspectTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_inspect",
    description:
      "What a hub knows of one model (files, parameters, configuration, card, licence, gate) or data set (splits, schema, statistics, first rows, Parquet files, what training it fits). With `find` or `where`, rows of the data set instead.",
    readOnly: true,
    input: inspecting,
    facts: ({ hub }) => ({ hosts: library?.hubHosts(hub) ?? "any" }),
    async execute(asked, { signal }) {
      const { answerHubInspect } = await import("../answers/hub.ts");
      return await answerHubInspect(asked, { reading: await openLibrary(library), signal });
    },
  });
}

export function hubRepoTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_repo",
    description: "Reads a repository of a hub: its files, branches and tags, discussions and pull requests.",
    readOnly: true,
    input: looking,
    facts: ({ hub }) => ({ hosts: library?.hubHosts(hub) ?? "any" }),
    async execute(asked, { signal }) {
      const { answerHubRepo } = await import("../answers/hub.ts");
      return await answerHubRepo(asked, { reading: await openLibrary(library), signal });
    },
  });
}
