import type { CountTokensRequest, ToolDefinition, TypedTool } from "@ml-intern/messages";
import { invalidRequest } from "../../../../gateway-error.ts";
import { referencedTools } from "../../../referenced-tools.ts";

/** A tool and where it stands in the request. */
export interface UsableTool {
  readonly tool: ToolDefinition;
  readonly index: number;
}

/** The tools that the model is told of: deferred ones only once a result has named them. */
export function usableTools({ tools = [], messages }: CountTokensRequest): readonly UsableTool[] {
  const named = referencedTools(messages);
  return tools.flatMap((tool, index) => {
    if (!isClientTool(tool)) {
      throw invalidRequest(
        `tools.${index}: tools of type '${tool.type}' are run by Anthropic and cannot be used with an embedded model`,
      );
    }
    return tool.defer_loading && !named.has(tool.name) ? [] : [{ tool, index }];
  });
}

function isClientTool(tool: ToolDefinition | TypedTool): tool is ToolDefinition {
  return (tool.type ?? "custom") === "custom";
}
