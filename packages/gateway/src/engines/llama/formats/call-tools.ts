import type { CountTokensRequest, ToolDefinition } from "@ml-intern/messages";
import { invalidRequest } from "../../../gateway-error.ts";
import { GrammarRules } from "../grammar/grammar-rules.ts";
import { schemaExpression } from "../grammar/json-schema-to-gbnf.ts";
import type { UsableTool } from "./rendering/usable-tools.ts";
import type { ArgumentStyle, CallTools } from "./syntaxes/call-syntax.ts";

/** The tools that the answer may call, by the request's `tool_choice`. */
export function callTools(
  usable: readonly UsableTool[],
  { tool_choice: choice }: CountTokensRequest,
): CallTools {
  const tools = usable.map(({ tool }) => tool);
  const single = choice !== undefined && choice.type !== "none" && choice.disable_parallel_tool_use === true;
  return { tools: allowedTools(tools, choice), single, arguments: argumentsExpression };
}

function allowedTools(
  tools: readonly ToolDefinition[],
  choice: CountTokensRequest["tool_choice"],
): readonly ToolDefinition[] {
  if (choice?.type === "none") return [];
  return choice?.type === "tool" ? tools.filter(({ name }) => name === choice.name) : tools;
}

/** Throws `invalid_request` for a `strict` tool whose schema no grammar can keep. */
export function checkStrictTools(usable: readonly UsableTool[], style: ArgumentStyle): void {
  for (const { tool, index } of usable) {
    if (!tool.strict) continue;
    const onUnsupported = (keyword: string): never => {
      throw invalidRequest(
        `tools.${index}.custom.input_schema: strict tools cannot use \`${keyword}\` in this way with an embedded model`,
      );
    };
    schemaExpression(tool.input_schema, { ...style, rules: new GrammarRules(), onUnsupported });
  }
}

function argumentsExpression(tool: ToolDefinition, rules: GrammarRules, style: ArgumentStyle = {}): string {
  return schemaExpression(tool.input_schema, { ...style, rules });
}
