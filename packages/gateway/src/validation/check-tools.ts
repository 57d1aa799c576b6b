import { z } from "zod";
import type { Check } from "./check.ts";

/** Tool names are unique, examples fit their schemas, and `tool_choice` asks for something that can be done. */
export const checkTools: Check = ({ tools = [], tool_choice: choice, thinking }) => {
  const names = tools.flatMap(({ name }) => name ?? []);
  if (new Set(names).size < names.length) return "tools: Tool names must be unique.";
  for (const [index, tool] of tools.entries()) {
    const fault = faultInExamples(tool);
    if (fault) return `tools.${index}.custom.${fault}`;
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

function faultInExamples(tool: object): string | null {
  if (!("input_examples" in tool && Array.isArray(tool.input_examples) && "input_schema" in tool))
    return null;
  const examples: readonly unknown[] = tool.input_examples;
  if (examples.length === 0) return null;
  let schema: z.ZodType;
  try {
    schema = z.fromJSONSchema(tool.input_schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    return `input_schema: JSON schema is invalid: ${(error as Error).message}`;
  }
  const wrong = examples.findIndex((example) => !schema.safeParse(example).success);
  return wrong === -1
    ? null
    : `input_examples.${wrong}: Input example does not match the tool's input_schema`;
}
