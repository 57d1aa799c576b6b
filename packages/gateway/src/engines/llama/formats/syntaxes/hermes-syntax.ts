import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarLiteral } from "../../grammar/grammar-text.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { CallSyntax } from "./call-syntax.ts";
import { jsonCallExpression, readJsonCall } from "./json-call.ts";

/** `<tool_call>\n{"name": …, "arguments": {…}}\n</tool_call>`, one block for each call: Hermes, Qwen, Granite 4, SmolLM. */
export const HERMES_SYNTAX: CallSyntax = {
  openers: [
    {
      marker: "<tool_call>",
      *read(call, tools) {
        yield* call.input.space();
        if (!(yield* readJsonCall(call, { tools }))) return false;
        if (call.isEnough) return true;
        yield* call.input.space();
        yield* call.input.accept("</tool_call>");
        return true;
      },
    },
  ],
  start: "<tool_call>\n",
  grammar(tools) {
    const rules = new GrammarRules();
    const call = jsonCallExpression(tools, rules);
    return rules.grammar(`"\\n"? ${call} "\\n"? ${grammarLiteral("</tool_call>")}`);
  },
  write: (calls) =>
    calls
      .map(({ name, input }) => `<tool_call>\n${writeJson({ name, arguments: input })}\n</tool_call>`)
      .join("\n"),
};
