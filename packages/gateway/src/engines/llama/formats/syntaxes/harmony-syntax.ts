import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "../../grammar/grammar-text.ts";
import { writeJson } from "../../grammar/value-notation.ts";
import type { ReadOptions } from "../families.ts";
import type { CallReader } from "../reading/call-reader.ts";
import { MarkerSearch } from "../reading/marker-search.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallSyntax, CallTools } from "./call-syntax.ts";

const CHANNEL = "<|channel|>";
const MESSAGE = "<|message|>";
const START = "<|start|>";
const TURN_ENDS: readonly string[] = ["<|return|>", "<|call|>"];
const BODY_END = new MarkerSearch(["<|end|>", START, CHANNEL, ...TURN_ENDS]);
const LONGEST_HEADER = 512;

/** gpt-oss: every message names its channel, and a call is a message to a function. */
export const HARMONY_SYNTAX: CallSyntax = {
  openers: [],
  start: `${CHANNEL}commentary to=functions.`,
  grammar(tools) {
    const rules = new GrammarRules();
    const head = grammarLiteral(` <|constrain|>json${MESSAGE}`);
    const calls = tools.tools.map(
      (tool) => `${grammarLiteral(tool.name)} ${head} ${tools.arguments(tool, rules)}`,
    );
    return rules.grammar(`${grammarChoice(calls)} "<|call|>"`);
  },
  write: (calls) =>
    calls
      .map(
        ({ name, input }) =>
          `${CHANNEL}commentary to=functions.${name} <|constrain|>json${MESSAGE}${writeJson(input)}<|call|>`,
      )
      .join(`${START}assistant`),
};

/** Reads an answer in channels: `analysis` is thinking, a message to `functions.name` a call, the rest text. */
export function* readHarmony(options: ReadOptions): Reading<void> {
  const { call, tools } = options;
  const { input } = call;
  let kind: "text" | "thinking" = options.within ? "thinking" : "text";
  let isBody = options.within !== null || options.isContinued;
  while (!input.ended) {
    if (!isBody) {
      const header = yield* readHeader(options);
      const name = /to=functions\.([\w-]+)/.exec(header)?.[1];
      if (name !== undefined && call.knows(name)) {
        if (!(yield* readCall(name, { call, tools }))) return;
        isBody = false;
        continue;
      }
      kind = header.includes("analysis") ? "thinking" : "text";
      isBody = true;
    }
    const end = yield* readBody(kind, options);
    if (end === null || TURN_ENDS.includes(end)) return;
    isBody = false;
  }
}

/** What names the channel and the recipient. Text without a header is taken as it is. */
function* readHeader({ call: { input } }: ReadOptions): Reading<string> {
  let header = "";
  yield* input.space();
  const isHeader =
    (yield* input.startsWith(CHANNEL)) ||
    (yield* input.startsWith(START)) ||
    (yield* input.startsWith("to=")) ||
    (yield* input.startsWith("assistant"));
  if (!isHeader) return "";
  while ((yield* input.more()) && header.length < LONGEST_HEADER) {
    if (yield* input.accept(MESSAGE)) return header;
    header += input.take(1);
  }
  return header;
}

/** Returns the marker that ended the message; null when the answer ended. */
function* readBody(
  kind: "text" | "thinking",
  { call: { input }, writer }: ReadOptions,
): Reading<string | null> {
  writer.enter(kind);
  while (yield* input.more()) {
    const text = input.buffered;
    const found = BODY_END.find(text);
    const clear = found ? found.at : input.closed ? text.length : BODY_END.clear(text);
    writer[kind](input.take(clear));
    if (found) {
      // The header of the next message begins with its own marker.
      if (found.marker !== CHANNEL && found.marker !== START) input.take(found.marker.length);
      return found.marker;
    }
    if (clear < text.length) yield;
  }
  return null;
}

/** False when nothing may follow. */
function* readCall(
  name: string,
  { call, tools }: { readonly call: CallReader; readonly tools: CallTools },
): Reading<boolean> {
  const { input } = call;
  call.start(name);
  yield* call.constrain(() => argumentsGrammar(name, tools));
  if (!(yield* call.jsonArguments()) || call.isEnough) return false;
  yield* input.space();
  const isCall = yield* input.accept("<|call|>");
  call.unconstrain();
  return !isCall;
}

function argumentsGrammar(name: string, { tools, arguments: argumentsOf }: CallTools): string {
  const rules = new GrammarRules();
  const tool = tools.find((known) => known.name === name);
  return rules.grammar(`${tool ? argumentsOf(tool, rules) : '"{}"'} "<|call|>"`);
}
