import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallSyntax, CallTools } from "./call-syntax.ts";

const CALLS_BEGIN = "<｜tool▁calls▁begin｜>";
const CALLS_END = "<｜tool▁calls▁end｜>";
const CALL_BEGIN = "<｜tool▁call▁begin｜>";
const CALL_END = "<｜tool▁call▁end｜>";
const SEPARATOR = "<｜tool▁sep｜>";

/** DeepSeek's lists of calls; up to R1 each one names its type and puts the arguments into a fence. */
export function deepseekSyntax({ fenced }: { readonly fenced: boolean }): CallSyntax {
  return {
    openers: [
      { marker: CALLS_BEGIN, read: (call, tools) => readDeepseek(call, tools, false) },
      { marker: CALL_BEGIN, read: (call, tools) => readDeepseek(call, tools, true) },
    ],
    start: CALLS_BEGIN,
    grammar(tools) {
      const rules = new GrammarRules();
      const calls = tools.tools.map((tool) => {
        const head = fenced ? `function${SEPARATOR}${tool.name}\n\`\`\`json\n` : `${tool.name}${SEPARATOR}`;
        return `${grammarLiteral(head)} ${tools.arguments(tool, rules)}`;
      });
      const end = grammarLiteral(`${fenced ? "\n```" : ""}${CALL_END}`);
      const call = rules.add("call", `${grammarChoice(calls)} ${end}`);
      const next = rules.add("next-call", `"\\n"? ${grammarLiteral(CALL_BEGIN)} ${call}`);
      // The marker of the first call is optional: some models leave out the one of the list instead.
      const first = `${grammarLiteral(CALL_BEGIN)}? ${call}`;
      return rules.grammar(`${first}${tools.single ? "" : ` ${next}*`} "\\n"? ${grammarLiteral(CALLS_END)}`);
    },
    write(calls) {
      const written = calls.map(({ name, input }) =>
        fenced
          ? `${CALL_BEGIN}function${SEPARATOR}${name}\n\`\`\`json\n${writeJson(input)}\n\`\`\`${CALL_END}`
          : `${CALL_BEGIN}${name}${SEPARATOR}${writeJson(input)}${CALL_END}`,
      );
      return `${CALLS_BEGIN}${written.join(fenced ? "\n" : "")}${CALLS_END}`;
    },
  };
}

function* readDeepseek(call: CallReader, _tools: CallTools, begun: boolean): Reading<boolean> {
  const { input } = call;
  if (!begun) {
    yield* input.space();
    yield* input.accept(CALL_BEGIN);
  }
  do {
    const name = yield* readDeepseekName(call);
    if (name === null) return false;
    call.start(name);
    if (!(yield* call.jsonArguments()) || call.isEnough) return true;
    yield* input.space();
    if (yield* input.accept("```")) yield* input.space();
    yield* input.accept(CALL_END);
    yield* input.space();
  } while (yield* input.accept(CALL_BEGIN));
  yield* input.accept(CALLS_END);
  return true;
}

/** The name, and all that comes before the arguments. */
function* readDeepseekName(call: CallReader): Reading<string | null> {
  const { input } = call;
  yield* input.accept(`function${SEPARATOR}`);
  const name = yield* call.name("<\n{");
  if (name === null) return null;
  yield* input.accept(SEPARATOR);
  yield* input.space();
  if (yield* input.accept("```json")) yield* input.space();
  return (yield* input.peek()) === "{" ? name : null;
}
