import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import type { ObjectForm } from "../../grammar/object-grammar.ts";
import { BARE_NAMES, PYTHON_NOTATION, writeConstant } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import { readPythonLiteral } from "../reading/python-literal.ts";
import type { Reading } from "../reading/text-input.ts";
import type { ArgumentStyle, CallSyntax, CallTools } from "./call-syntax.ts";
import { readJsonCall } from "./json-call.ts";

const OPEN = "<|tool_call_start|>";
const CLOSE = "<|tool_call_end|>";
const LONGEST_ARGUMENT_NAME = 256;

/** `key=value, …` */
const KEYWORDS: ObjectForm = {
  open: "",
  close: "",
  comma: '"," " "?',
  member: (name, value) => `${name} "=" ${value}`,
  names: BARE_NAMES,
};

const STYLE: ArgumentStyle = { notation: PYTHON_NOTATION, form: KEYWORDS };

/** `<|tool_call_start|>[name(key="value"), …]<|tool_call_end|>`, with Python's literals: LFM2. */
export const LFM2_SYNTAX: CallSyntax = {
  openers: [{ marker: OPEN, read: readCallList }],
  start: OPEN,
  style: STYLE,
  grammar(tools) {
    const rules = new GrammarRules();
    const calls = tools.tools.map(
      (tool) => `${grammarLiteral(`${tool.name}(`)} ${tools.arguments(tool, rules, STYLE)} ")"`,
    );
    const call = rules.add("call", grammarChoice(calls));
    const next = rules.add("next-call", `"," " "? ${call}`);
    return rules.grammar(`"[" ${call}${tools.single ? "" : ` ${next}*`} "]" ${grammarLiteral(CLOSE)}`);
  },
  write(calls) {
    const written = calls.map(({ name, input }) => {
      const members = Object.entries(input).map(
        ([key, value]) => `${key}=${writeConstant(value, PYTHON_NOTATION)}`,
      );
      return `${name}(${members.join(", ")})`;
    });
    return `${OPEN}[${written.join(", ")}]${CLOSE}`;
  },
};

function* readCallList(call: CallReader, tools: CallTools): Reading<boolean> {
  const { input } = call;
  yield* input.space();
  const isList = yield* input.accept("[");
  do {
    yield* input.space();
    const isJson = (yield* input.peek()) === "{";
    if (!(isJson ? yield* readJsonCall(call, { tools }) : yield* readPythonCall(call))) return false;
    if (call.isEnough || call.isOpen) return true;
    yield* input.space();
  } while (isList && (yield* input.accept(",")));
  if (isList) yield* input.accept("]");
  yield* input.space();
  yield* input.accept(CLOSE);
  return true;
}

/** `name(key=value, …)` as a call with JSON arguments. True once it has begun, also when it is not whole. */
function* readPythonCall(call: CallReader): Reading<boolean> {
  const { input } = call;
  const name = yield* call.name("(");
  if (name === null) return false;
  input.take(1);
  call.start(name);
  call.arguments("{");
  for (let count = 0; ; count++) {
    yield* input.space();
    if (yield* input.accept(")")) break;
    const key = yield* input.until("=,)", LONGEST_ARGUMENT_NAME);
    if (key === null || !(yield* input.accept("="))) return true;
    call.arguments(`${count > 0 ? ", " : ""}${JSON.stringify(key.trim())}: `);
    const isWhole = yield* readPythonLiteral({ input, write: (json) => call.arguments(json) });
    if (!isWhole) return true;
    yield* input.space();
    if (!(yield* input.accept(",")) && (yield* input.peek()) !== ")") return true;
  }
  call.arguments("}");
  call.end();
  return true;
}
