import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallSyntax } from "./call-syntax.ts";

/** `[TOOL_CALLS]name[ARGS]{…}`, with `[CALL_ID]…` before the arguments in some versions: Mistral since 2025. */
export function mistralSyntax({ ids }: { readonly ids: boolean }): CallSyntax {
  return {
    openers: [{ marker: "[TOOL_CALLS]", read: readNamed }],
    start: "[TOOL_CALLS]",
    grammar(tools) {
      const rules = new GrammarRules();
      const id = ids ? `${grammarLiteral("[CALL_ID]")} [a-zA-Z0-9]{9} ` : "";
      const calls = tools.tools.map(
        (tool) =>
          `${grammarLiteral(tool.name)} ${id}${grammarLiteral("[ARGS]")} ${tools.arguments(tool, rules)}`,
      );
      return rules.grammar(grammarChoice(calls));
    },
    write: (calls) => calls.map(({ name, input }) => `[TOOL_CALLS]${name}[ARGS]${writeJson(input)}`).join(""),
  };
}

function* readNamed(call: CallReader): Reading<boolean> {
  const { input } = call;
  const name = yield* call.name("[{");
  if (name === null) return false;
  if (yield* input.accept("[CALL_ID]")) yield* input.until("[", 64);
  yield* input.accept("[ARGS]");
  yield* input.space();
  if ((yield* input.peek()) !== "{") return false;
  call.start(name);
  yield* call.jsonArguments();
  return true;
}
