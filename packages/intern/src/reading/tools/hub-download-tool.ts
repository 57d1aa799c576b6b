import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary, type WhichHub } from "../library.ts";
import { hubSchema } from "./which-hub.ts";

export interface HubDownloading {
  readonly kind: "model" | "dataset";
  readonly id: string;
  readonly revision: string;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly max_gigabytes: number;
  readonly parquet_as_jsonl: boolean;
  readonly hub: WhichHub;
}

const patterns = z.array(z.string().min(1)).min(1).max(50).optional();

const input: z.ZodType<HubDownloading> = z.strictObject({
  kind: z.enum(["model", "dataset"]),
  id: z.string().min(1).describe("owner/name"),
  revision: z.string().min(1).default("main").describe("branch, tag or commit"),
  include: patterns.describe("patterns of paths, such as data/train-*.parquet; default: all files"),
  exclude: patterns,
  max_gigabytes: z.number().positive().max(500).default(2).describe("more than this is not begun"),
  parquet_as_jsonl: z
    .boolean()
    .default(true)
    .describe("the sandbox's Python reads no Parquet: each row becomes a line of JSON"),
  hub: hubSchema,
});

export function hubDownloadTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_download",
    description:
      "Downloads files of a model or data set into the workspace, below downloads/, at one commit and with checksums. What was downloaded before comes from this machine. Look with hub_inspect first: at size, licence and gate.",
    repeatable: true,
    input,
    facts: ({ hub }) => ({ hosts: library?.hubHosts(hub) ?? "any" }),
    async execute(asked, context) {
      const { downloadIntoWorkspace } = await import("../answers/hub-download.ts");
      return await downloadIntoWorkspace(asked, { reading: await openLibrary(library), context });
    },
  });
}
