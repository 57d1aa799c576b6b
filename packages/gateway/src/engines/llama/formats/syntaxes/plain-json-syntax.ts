import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallOpener, CallSyntax, CallTools } from "./call-syntax.ts";
import { HERMES_SYNTAX } from "./hermes-syntax.ts";
import { jsonCallExpression, readJsonCall } from "./json-call.ts";

/** Calls that stand in the text as a JSON object, told by their content: a known name, then arguments. */
const PLAIN_OPENERS: readonly CallOpener[] = [
  { marker: "{", isPlain: true, onlyAtStart: true, read: (call, tools) => readObject(call, tools) },
  { marker: "\n{", isPlain: true, read: (call, tools) => readObject(call, tools) },
  { marker: ";{", isPlain: true, read: (call, tools) => readObject(call, tools) },
  { marker: "; {", isPlain: true, read: (call, tools) => readObject(call, tools) },
];

const LIST_OPENERS: readonly CallOpener[] = [
  { marker: "[", isPlain: true, onlyAtStart: true, read: readList },
  { marker: "\n[", isPlain: true, read: readList },
];

const FENCE_OPENERS: readonly CallOpener[] = ["```json\n", "```tool_call\n", "```tool_code\n", "```\n"].map(
  (marker) => ({
    marker,
    isPlain: true,
    *read(call: CallReader, tools: CallTools) {
      const isList = (yield* call.input.peek()) === "[";
      const isCall = isList
        ? yield* readFencedList(call, tools)
        : yield* readJsonCall(call, { isPlain: true, tools });
      if (!isCall) return false;
      yield* call.input.space();
      yield* call.input.accept("```");
      return true;
    },
  }),
);

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

/**
 * Hermes' syntax as it is read in practice: small models often leave the tags out, also those that were trained on
 * them, and write a bare object, a list or a fence. Models that were taught no syntax are asked for this one.
 */
export const TAGGED_SYNTAX: CallSyntax = {
  ...HERMES_SYNTAX,
  openers: [...HERMES_SYNTAX.openers, ...PLAIN_OPENERS, ...LIST_OPENERS, ...FENCE_OPENERS],
};

/** The object whose opening bracket was the marker. */
function* readObject(call: CallReader, tools: CallTools): Reading<boolean> {
  return yield* readJsonCall(call, { isPlain: true, isBegun: true, tools });
}

function* readFencedList(call: CallReader, tools: CallTools): Reading<boolean> {
  call.input.take(1);
  return yield* readList(call, tools);
}

/** The list whose opening bracket was read. */
function* readList(call: CallReader, tools: CallTools): Reading<boolean> {
  const { input } = call;
  do {
    yield* input.space();
    if (!(yield* readJsonCall(call, { isPlain: true, tools }))) return false;
    if (call.isEnough || call.isOpen) return true;
    yield* input.space();
  } while (yield* input.accept(","));
  return yield* input.accept("]");
}
