import type { ToolDefinition } from "@ml-intern/messages";
import { charactersOf } from "../../grammar/character-set.ts";
import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import { type JsonSchema, resolveReference, schemaMap } from "../../grammar/json-schema.ts";
import type { ObjectForm } from "../../grammar/object-grammar.ts";
import { isTextSchema } from "../../grammar/schema-types.ts";
import { BARE_NAMES, unescapedNotation, type ValueNotation } from "../../grammar/value-notation.ts";
import type { CallReader } from "../reading/call-reader.ts";
import { MarkerSearch } from "../reading/marker-search.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallSyntax, CallTools } from "./call-syntax.ts";

const CLOSE_PARAMETER = "</parameter>";
const LONGEST_PARAMETER_NAME = 256;

/**
 * Text up to a line that begins with the closing tag. Where a schema bounds or shapes the text, it has neither line
 * breaks nor tags, so that it cannot hold the closing one.
 */
const LINES: ValueNotation = {
  ...unescapedNotation(charactersOf("\n<")),
  anyText: textLines,
};

const PARAMETERS: ObjectForm = {
  open: "",
  close: "",
  comma: "",
  member: (name, value) =>
    `"<parameter=" ${name} ">\\n" ${value} ${grammarLiteral(`\n${CLOSE_PARAMETER}\n`)}`,
  names: BARE_NAMES,
  textNotation: LINES,
};

/**
 * `<tool_call>\n<function=name>\n<parameter=key>\nvalue\n</parameter>\n</function>\n</tool_call>`: Qwen3-Coder, Qwen 3.5.
 * Strings are written as they are, everything else as JSON.
 */
export const XML_SYNTAX: CallSyntax = {
  openers: [
    {
      marker: "<tool_call>",
      *read(call, tools) {
        yield* call.input.space();
        return yield* readFunction(call, tools);
      },
    },
    {
      marker: "<function=",
      isPlain: true,
      *read(call, tools) {
        return yield* readFunctionBody(call, tools);
      },
    },
  ],
  start: "<tool_call>\n",
  style: { form: PARAMETERS },
  grammar(tools) {
    const rules = new GrammarRules();
    const calls = tools.tools.map(
      (tool) =>
        `${grammarLiteral(`<function=${tool.name}>\n`)} ${tools.arguments(tool, rules, { form: PARAMETERS })}`,
    );
    return rules.grammar(`"\\n"? ${grammarChoice(calls)} ${grammarLiteral("</function>\n</tool_call>")}`);
  },
  write: (calls) =>
    calls
      .map(({ name, input }) => {
        const parameters = Object.entries(input).map(
          ([key, value]) =>
            `<parameter=${key}>\n${typeof value === "string" ? value : JSON.stringify(value)}\n${CLOSE_PARAMETER}\n`,
        );
        return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
      })
      .join("\n"),
};

function* readFunction(call: CallReader, tools: CallTools): Reading<boolean> {
  if (!(yield* call.input.accept("<function="))) return false;
  return yield* readFunctionBody(call, tools);
}

function* readFunctionBody(call: CallReader, tools: CallTools): Reading<boolean> {
  const { input } = call;
  const name = yield* call.name(">\n");
  const tool = tools.tools.find((known) => known.name === name);
  if (!tool || !(yield* input.accept(">"))) return false;
  call.start(tool.name);
  call.arguments("{");
  for (let count = 0; ; count++) {
    yield* input.space();
    if (!(yield* input.accept("<parameter="))) break;
    if (!(yield* readParameter({ call, tool, separator: count > 0 ? ", " : "" }))) return true;
  }
  if (input.ended) return true;
  call.arguments("}");
  call.end();
  if (call.isEnough) return true;
  yield* input.accept("</function>");
  yield* input.space();
  yield* input.accept("</tool_call>");
  return true;
}

interface ParameterOptions {
  readonly call: CallReader;
  readonly tool: ToolDefinition;
  readonly separator: string;
}

/** False when the text ended within. */
function* readParameter({ call, tool, separator }: ParameterOptions): Reading<boolean> {
  const { input } = call;
  const name = yield* input.until(">", LONGEST_PARAMETER_NAME);
  if (name === null) return false;
  input.take(1);
  yield* input.accept("\n");
  call.arguments(`${separator}${JSON.stringify(name)}: `);
  const isText = isTextSchema(parameterSchema(tool, name));
  if (!isText) {
    let text = "";
    const isWhole = yield* readValue(call, (piece) => {
      text += piece;
    });
    if (isWhole) call.arguments(asJson(text));
    return isWhole;
  }
  call.arguments('"');
  if (!(yield* readValue(call, (piece) => call.arguments(JSON.stringify(piece).slice(1, -1))))) return false;
  call.arguments('"');
  return true;
}

/** Everything up to the closing tag; the line break before it belongs to the tag. */
function* readValue(call: CallReader, write: (piece: string) => void): Reading<boolean> {
  const { input } = call;
  if (yield* input.accept(CLOSE_PARAMETER)) return true;
  while (yield* input.more()) {
    const text = input.buffered;
    const found = PARAMETER_END.find(text);
    if (found) {
      write(input.take(found.at));
      input.take(found.marker.length);
      return true;
    }
    const clear = input.closed ? text.length : PARAMETER_END.clear(text);
    write(input.take(clear));
    if (clear < text.length) yield;
  }
  return false;
}

const PARAMETER_END = new MarkerSearch([`\n${CLOSE_PARAMETER}`]);

function parameterSchema({ input_schema: schema }: ToolDefinition, name: string): JsonSchema {
  const found = schemaMap(schema.properties).get(name) ?? true;
  if (typeof found === "boolean" || typeof found.$ref !== "string") return found;
  return resolveReference(schema, found.$ref) ?? true;
}

/** JSON where it is some, also in Python's spelling; else the text as a string. */
function asJson(text: string): string {
  const trimmed = text.trim();
  const spelled = PYTHON_WORDS.get(trimmed) ?? trimmed;
  try {
    JSON.parse(spelled);
    return spelled;
  } catch {
    return JSON.stringify(text);
  }
}

const PYTHON_WORDS: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

/** Lines of which only the first may begin with the closing tag's beginning; none holds all of it at its start. */
function textLines(rules: GrammarRules): string {
  // rest(i): a line that has begun with i characters of the tag.
  let rest = "";
  for (let index = CLOSE_PARAMETER.length - 1; index >= 0; index--) {
    const expected = CLOSE_PARAMETER.charAt(index);
    const other = `[^\\n${expected}] [^\\n]*`;
    const further = rest === "" ? [] : [`${grammarLiteral(expected)} ${rest}`];
    rest = rules.add("line", grammarChoice([other, ...further, '""']));
  }
  const next = rules.add("next-line", `"\\n" ${rest}`);
  return rules.add("lines", `${rest} ${next}*`);
}
