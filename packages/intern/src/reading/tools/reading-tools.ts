import type { Tool } from "../../tools/define-tool.ts";
import { installedApiTool } from "../../tools/installed-api-tool.ts";
import type { Library } from "../library.ts";
import { docsTool } from "./docs-tool.ts";
import { githubTool } from "./github-tool.ts";
import { hubInspectTool, hubRepoTool, hubSearchTool } from "./hub-tools.ts";
import { papersTool } from "./papers-tool.ts";
import { webFetchTool, webSearchTool } from "./web-tools.ts";

/** What reads beyond the workspace and changes nothing, in an order that never changes. Null lists them alone. */
export function readingTools(library: Library | null): readonly Tool[] {
  return [
    docsTool(library),
    installedApiTool,
    papersTool(library),
    githubTool(library),
    hubSearchTool(library),
    hubInspectTool(library),
    hubRepoTool(library),
    webSearchTool(library),
    webFetchTool(library),
  ];
}
