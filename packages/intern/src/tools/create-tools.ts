import { researchTool } from "../agents/research-tool.ts";
import { RESEARCH_TOOLS } from "../agents/research-tools.ts";
import type { AgentHost } from "../agents/sub-agent.ts";
import type { HubTarget } from "../publishing/hub-target.ts";
import type { Library } from "../reading/library.ts";
import { hubChangeTool } from "../reading/tools/hub-change-tool.ts";
import { hubDownloadTool } from "../reading/tools/hub-download-tool.ts";
import { readingTools } from "../reading/tools/reading-tools.ts";
import { bashTool } from "./bash-tool.ts";
import { checkRunTool } from "./check-run-tool.ts";
import type { Tool } from "./define-tool.ts";
import { editTool } from "./edit-tool.ts";
import { inspectDataTool } from "./inspect-data-tool.ts";
import { planTool } from "./plan-tool.ts";
import { proposeContractTool } from "./propose-contract-tool.ts";
import { publishModelTool } from "./publish-model-tool.ts";
import { pythonTool } from "./python-tool.ts";
import { readTool } from "./read-tool.ts";
import { startRunTool } from "./start-run-tool.ts";
import { stopRunTool } from "./stop-run-tool.ts";
import { submitForEvaluationTool } from "./submit-for-evaluation-tool.ts";
import { writeTool } from "./write-tool.ts";

export interface ToolPlaces {
  readonly hub: HubTarget | null;
  readonly host: AgentHost | null;
  readonly library: Library | null;
}

const NO_PLACES: ToolPlaces = { hub: null, host: null, library: null };

/** All tools, in an order that never changes: it is part of every request's prefix. To list them, nothing is needed. */
export function createTools({ hub, host, library }: ToolPlaces = NO_PLACES): readonly Tool[] {
  const reading = readingTools(library);
  return [
    planTool,
    inspectDataTool,
    researchTool(host, [...RESEARCH_TOOLS, ...reading]),
    ...reading,
    proposeContractTool,
    readTool,
    writeTool,
    editTool,
    bashTool,
    pythonTool,
    startRunTool,
    checkRunTool,
    stopRunTool,
    submitForEvaluationTool,
    publishModelTool(hub),
    hubDownloadTool(library),
    hubChangeTool(library),
  ];
}
