import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { CallSyntax } from "./call-syntax.ts";
import { jsonCallExpression, readJsonCall } from "./json-call.ts";
import { PLAIN_OPENERS } from "./plain-json-calls.ts";

/** `{"name": …, "parameters": {…}}` without markers, or behind `<|python_tag|>`: Llama 3. */
export const LLAMA3_SYNTAX: CallSyntax = {
  openers: [
    {
      marker: "<|python_tag|>",
      isPlain: true,
      *read(call, tools) {
        yield* call.input.space();
        return yield* readJsonCall(call, { isPlain: true, tools });
      },
    },
    ...PLAIN_OPENERS,
  ],
  start: "",
  grammar(tools) {
    const rules = new GrammarRules();
    return rules.grammar(jsonCallExpression(tools, rules, { argumentsKey: "parameters" }));
  },
  write: (calls) => calls.map(({ name, input }) => writeJson({ name, parameters: input })).join("; "),
};
