import type { Check } from "./check.ts";
import { matchesSchema, type SchemaBudget, schemaBudget } from "./matches-schema.ts";

/** Tool names are unique, examples fit their schemas, and `tool_choice` asks for something that can be done. */
export const checkTools: Check = ({ tools = [], tool_choice: choice, thinking }) => {
  const names = tools.flatMap(({ name }) => name ?? []);
  if (new Set(names).size < names.length) return "tools: Tool names must be unique.";
  const budget = schemaBudget();
  for (const [index, tool] of tools.entries()) {
    const wrong = wrongExample(tool, budget);
    if (wrong !== -1) {
      return `tools.${index}.custom.input_examples.${wrong}: Input example does not match the tool's input_schema`;
    }
  }
  if (choice?.type !== "any" && choice?.type !== "tool") return null;
  if (tools.length === 0) return "tool_choice: tool_choice may only be specified while providing tools.";
  if (choice.type === "tool" && !names.includes(choice.name)) {
    return `tool_choice.tool.name: Tool '${choice.name}' not found in provided tools`;
  }
  return thinking?.type === "enabled"
    ? "Thinking may not be enabled when tool_choice forces tool use."
    : null;
};

function wrongExample(tool: object, budget: SchemaBudget): number {
  if (!("input_schema" in tool && "input_examples" in tool && Array.isArray(tool.input_examples))) return -1;
  const { input_schema: schema } = tool;
  return tool.input_examples.findIndex((example) => !matchesSchema(example, schema, budget));
}
