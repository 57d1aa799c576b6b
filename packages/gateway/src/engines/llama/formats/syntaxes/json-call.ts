import type { ToolDefinition } from "@ml-intern/messages";
import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallTools } from "./call-syntax.ts";

const NAME_KEYS: ReadonlySet<string> = new Set(["name", "tool_name"]);
const ARGUMENT_KEYS: ReadonlySet<string> = new Set(["arguments", "parameters", "args", "input"]);
/** Members that models write beside these two. */
const OTHER_KEYS: ReadonlySet<string> = new Set(["type", "id", "index", "tool_call_id"]);
const LONGEST_KEY = 16;

export interface JsonCallOptions {
  /**
   * Nothing but its content tells that this is a call, so it is one only when a known name and then arguments come
   * first. The grammar then begins with the arguments.
   */
  readonly isPlain?: boolean;
  /** The opening bracket was read. */
  readonly isBegun?: boolean;
  readonly tools: CallTools;
}

/** Reads `{"name": …, "arguments": {…}}`. False as soon as it is not the call of a known tool. */
export function* readJsonCall(call: CallReader, options: JsonCallOptions): Reading<boolean> {
  const { input } = call;
  const before = call.count;
  const found: FoundCall = { name: null, early: null };
  if (!options.isBegun && !(yield* input.accept("{"))) return false;
  do {
    yield* input.space();
    const key = yield* readKey(call);
    if (key === null || !(yield* readMember(key, { found, call, options }))) return call.count > before;
    yield* input.space();
  } while (yield* input.accept(","));
  yield* input.accept("}");
  if (options.isPlain) call.unconstrain();
  if (call.isOpen) finish(call, "{}");
  return call.count > before;
}

interface FoundCall {
  name: string | null;
  /** Arguments that came before the name. */
  early: string | null;
}

interface MemberOptions {
  readonly found: FoundCall;
  readonly call: CallReader;
  readonly options: JsonCallOptions;
}

/** False when the call is no call, or not whole. */
function* readMember(key: string, { found, call, options }: MemberOptions): Reading<boolean> {
  const next = yield* call.input.peek();
  if (key === "function" && next === "{") return yield* readJsonCall(call, { ...options, isBegun: false });
  if (key === "function" || NAME_KEYS.has(key)) {
    found.name = yield* readName(call);
    if (found.name === null) return false;
    if (!options.isPlain) call.start(found.name);
    if (found.early !== null) finish(call, found.early);
    return true;
  }
  if (ARGUMENT_KEYS.has(key)) return yield* readArguments({ found, call, options });
  if (options.isPlain && !OTHER_KEYS.has(key)) return false;
  return yield* call.jsonValue(() => {});
}

function* readArguments({ found, call, options }: MemberOptions): Reading<boolean> {
  const { name } = found;
  if (name === null) {
    if (options.isPlain) return false;
    let text = "";
    const isWhole = yield* call.jsonValue((piece) => {
      text += piece;
    });
    found.early = text;
    return isWhole;
  }
  if (options.isPlain) {
    if ((yield* call.input.peek()) !== "{") return false;
    call.start(name);
    yield* call.constrain(() => restGrammar(name, options.tools));
  }
  return yield* call.jsonArguments();
}

function finish(call: CallReader, text: string): void {
  call.arguments(text);
  call.end();
}

function* readKey(call: CallReader): Reading<string | null> {
  if (!(yield* call.input.accept('"'))) return null;
  const key = yield* call.input.until('"', LONGEST_KEY);
  if (key === null) return null;
  call.input.take(1);
  yield* call.input.space();
  if (!(yield* call.input.accept(":"))) return null;
  yield* call.input.space();
  return key;
}

function* readName(call: CallReader): Reading<string | null> {
  if (!(yield* call.input.accept('"'))) return null;
  const name = yield* call.name('"');
  if (name !== null) call.input.take(1);
  return name;
}

/** The rest of a call whose name was read: its arguments and the closing bracket. */
function restGrammar(name: string, { tools, arguments: argumentsOf }: CallTools): string {
  const rules = new GrammarRules();
  const tool = tools.find((known) => known.name === name);
  return rules.grammar(tool ? `${argumentsOf(tool, rules)} "}"` : '"{}}"');
}

export interface JsonCallGrammarOptions {
  /** The name of the member with the arguments. Default: `arguments`. */
  readonly argumentsKey?: string;
  /** What may stand between the arguments and the closing bracket, as GBNF. */
  readonly more?: string;
}

/** `{"name": …, "arguments": {…}}` for each of the tools, as a GBNF expression. */
export function jsonCallExpression(
  tools: CallTools,
  rules: GrammarRules,
  { argumentsKey = "arguments", more = "" }: JsonCallGrammarOptions = {},
): string {
  const calls = tools.tools.map((tool: ToolDefinition) => {
    const name = grammarLiteral(`${JSON.stringify(tool.name)},`);
    const key = grammarLiteral(`"${argumentsKey}":`);
    return `"{\\"name\\":" " "? ${name} " "? ${key} " "? ${tools.arguments(tool, rules)} ${more} "}"`;
  });
  return rules.add("call", grammarChoice(calls));
}
