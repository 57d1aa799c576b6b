import type { CallOpener, CallSyntax, CallTools } from "../syntaxes/call-syntax.ts";
import type { AnswerWriter } from "./answer-writer.ts";
import type { CallReader } from "./call-reader.ts";
import { MarkerSearch } from "./marker-search.ts";
import type { Reading } from "./text-input.ts";

/** What stands around a model's thinking. */
export interface ThinkingMarkers {
  readonly open: string;
  readonly close: string;
  /** What to write so that thinking is over. */
  readonly end: string;
}

export interface ReadAnswerOptions {
  readonly call: CallReader;
  readonly writer: AnswerWriter;
  readonly tools: CallTools;
  readonly syntax: CallSyntax;
  readonly thinking: readonly ThinkingMarkers[];
  /** The thinking that the prompt opened, if it did. */
  readonly within: ThinkingMarkers | null;
  /** Texts that end the model's turn. */
  readonly stops: readonly string[];
  /** Texts that stand around what follows thinking, and mean nothing. */
  readonly ignored: readonly string[];
}

/** Reads an answer: thinking, text and calls in any order. Returns when the answer is whole. */
export function* readAnswer(options: ReadAnswerOptions): Reading<void> {
  const { call, writer, tools, thinking, stops, ignored } = options;
  const { input } = call;
  const openers = tools.tools.length === 0 ? [] : options.syntax.openers;
  const free = openers.filter(({ onlyAtStart }) => !onlyAtStart);
  const search = new MarkerSearch([
    ...thinking.map(({ open }) => open),
    ...free.map(({ marker }) => marker),
    ...stops,
    ...ignored,
  ]);
  if (options.within && !(yield* readThinking(options.within, options))) return;
  let hasThought = options.within !== null;
  let atStart = !writer.hasText;
  for (;;) {
    if (atStart) yield* readOpening(openers, options);
    atStart = false;
    if (call.isEnough) return;
    const marker = yield* readText(search, { call, writer });
    if (marker === null || stops.includes(marker)) return;
    const thought = thinking.find(({ open }) => open === marker);
    const opener = free.find((known) => known.marker === marker);
    if (thought && !writer.hasText) {
      if (!(yield* readThinking(thought, options))) return;
      hasThought = true;
      atStart = call.count === 0;
    } else if (opener) {
      yield* readCalls(opener, options);
    } else if (!hasThought || !ignored.includes(marker)) {
      writer.text(marker);
    }
    if (call.isEnough || input.ended) return;
  }
}

/** Calls that have no marker of their own are told by where they stand. */
function* readOpening(openers: readonly CallOpener[], options: ReadAnswerOptions): Reading<void> {
  const { input } = options.call;
  const candidates = openers.filter(({ onlyAtStart }) => onlyAtStart);
  if (candidates.length === 0) return;
  yield* input.space();
  for (const opener of candidates) {
    if (yield* input.accept(opener.marker)) {
      yield* readCalls(opener, options);
      return;
    }
  }
}

function* readCalls(opener: CallOpener, { call, writer, tools, syntax }: ReadAnswerOptions): Reading<void> {
  call.input.mark(opener.marker);
  if (!opener.isPlain) yield* call.constrain(() => syntax.grammar(tools));
  const isCall = yield* opener.read(call, tools);
  const text = call.input.unmark();
  if (call.isOpen) {
    if (call.input.ended) return;
    call.end();
    call.input.unmark();
  } else if (!isCall) {
    const isCut = call.input.cut && call.input.ended;
    if (isCut && !opener.isPlain) writer.enter("call");
    else writer.text(text);
  }
  if (!call.isEnough) call.unconstrain();
}

/** Reads text up to a marker, which is read too; null at the end. */
function* readText(
  search: MarkerSearch,
  { call: { input }, writer }: Pick<ReadAnswerOptions, "call" | "writer">,
): Reading<string | null> {
  while (yield* input.more()) {
    const text = input.buffered;
    const found = search.find(text);
    if (found) {
      writer.text(input.take(found.at));
      return input.take(found.marker.length);
    }
    const clear = input.closed ? text.length : search.clear(text);
    writer.text(input.take(clear));
    if (!input.closed) yield;
  }
  return null;
}

/** Returns whether the thinking came to its end. */
function* readThinking(
  { close }: ThinkingMarkers,
  { call: { input }, writer, stops }: ReadAnswerOptions,
): Reading<boolean> {
  const search = new MarkerSearch([close, ...stops]);
  writer.enter("thinking");
  while (yield* input.more()) {
    const text = input.buffered;
    const found = search.find(text);
    if (found) {
      writer.thinking(input.take(found.at));
      input.take(found.marker.length);
      writer.enter("text");
      return found.marker === close;
    }
    writer.thinking(input.take(input.closed ? text.length : search.clear(text)));
    if (!input.closed) yield;
  }
  return false;
}
