import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import { rawNotation, writeConstant } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import { readRawValue } from "../reading/raw-value.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallSyntax } from "./call-syntax.ts";

export interface GemmaSyntaxOptions {
  readonly open: string;
  readonly close: string;
  /** What stands on both sides of a string. */
  readonly quote: string;
}

/** `call:name{key:value}` with names without quotes and strings between marks of their own: Gemma 4, FunctionGemma. */
export function gemmaSyntax({ open, close, quote }: GemmaSyntaxOptions): CallSyntax {
  const notation = rawNotation(quote);

  function* read(call: CallReader): Reading<boolean> {
    const { input } = call;
    yield* input.space();
    if (!(yield* input.accept("call:"))) return false;
    const name = yield* call.name("{");
    if (name === null) return false;
    call.start(name);
    const isWhole = yield* readRawValue({ input, quote, write: (json) => call.arguments(json) });
    if (!isWhole) return true;
    call.end();
    if (!call.isEnough) yield* input.accept(close);
    return true;
  }

  return {
    openers: [{ marker: open, read }],
    start: open,
    style: { notation },
    grammar(tools) {
      const rules = new GrammarRules();
      const calls = tools.tools.map(
        (tool) => `${grammarLiteral(`call:${tool.name}`)} ${tools.arguments(tool, rules, { notation })}`,
      );
      return rules.grammar(`${grammarChoice(calls)} ${grammarLiteral(close)}`);
    },
    write: (calls) =>
      calls.map(({ name, input }) => `${open}call:${name}${writeConstant(input, notation)}${close}`).join(""),
  };
}
