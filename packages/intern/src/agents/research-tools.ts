import { checkRunTool } from "../tools/check-run-tool.ts";
import type { Tool } from "../tools/define-tool.ts";
import { inspectDataTool } from "../tools/inspect-data-tool.ts";
import { readTool } from "../tools/read-tool.ts";

/** What a research agent can use, in an order that never changes. Only tools that read belong here: its policy refuses others. */
export const RESEARCH_TOOLS: readonly Tool[] = [inspectDataTool, readTool, checkRunTool];
