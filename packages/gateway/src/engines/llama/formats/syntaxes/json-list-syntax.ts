import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarLiteral } from "../../grammar/grammar-text.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallSyntax, CallTools } from "./call-syntax.ts";
import { jsonCallExpression, readJsonCall } from "./json-call.ts";

export interface JsonListSyntaxOptions {
  readonly open: string;
  /** What stands behind the list; `""` when nothing does. */
  readonly close: string;
  /** Whether each call has an `id` of nine characters, as Mistral's have. */
  readonly ids?: boolean;
}

/** A marker and a JSON array of calls: Mistral up to Nemo, Phi-4, Granite 3. */
export function jsonListSyntax({ open, close, ids = false }: JsonListSyntaxOptions): CallSyntax {
  return {
    openers: [
      {
        marker: open,
        *read(call, tools) {
          yield* call.input.space();
          if (!(yield* readJsonList(call, tools))) return false;
          if (close !== "" && !call.isEnough) {
            yield* call.input.space();
            yield* call.input.accept(close);
          }
          return true;
        },
      },
    ],
    start: open,
    grammar(tools) {
      const rules = new GrammarRules();
      const more = ids
        ? `(${grammarLiteral(",")} " "? ${grammarLiteral('"id":')} " "? "\\"" [a-zA-Z0-9]{9} "\\"")?`
        : "";
      const call = jsonCallExpression(tools, rules, { more });
      const next = rules.add("next-call", `"," " "? ${call}`);
      const end = close === "" ? "" : grammarLiteral(close);
      return rules.grammar(`" "? "[" ${call}${tools.single ? "" : ` ${next}*`} "]" ${end}`);
    },
    write: (calls) =>
      `${open}${writeJson(calls.map(({ name, input }) => ({ name, arguments: input })))}${close}`,
  };
}

/** Reads `[{…}, {…}]`, or one call without the brackets. */
function* readJsonList(call: CallReader, tools: CallTools): Reading<boolean> {
  const { input } = call;
  const isList = yield* input.accept("[");
  do {
    yield* input.space();
    if (!(yield* readJsonCall(call, { tools }))) return false;
    if (call.isEnough || call.isOpen) return true;
    yield* input.space();
  } while (isList && (yield* input.accept(",")));
  if (isList) yield* input.accept("]");
  return true;
}
