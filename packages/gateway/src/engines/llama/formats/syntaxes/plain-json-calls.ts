import type { CallReader } from "../reading/call-reader.ts";
import type { Reading } from "../reading/text-input.ts";
import type { CallOpener, CallTools } from "./call-syntax.ts";
import { readJsonCall } from "./json-call.ts";

/** Calls that stand in the text as a JSON object, told by their content: a known name, then arguments. */
export const PLAIN_OPENERS: readonly CallOpener[] = [
  { marker: "{", isPlain: true, onlyAtStart: true, read: (call, tools) => readObject(call, tools) },
  { marker: "\n{", isPlain: true, read: (call, tools) => readObject(call, tools) },
  { marker: ";{", isPlain: true, read: (call, tools) => readObject(call, tools) },
  { marker: "; {", isPlain: true, read: (call, tools) => readObject(call, tools) },
];

export const LIST_OPENERS: readonly CallOpener[] = [
  { marker: "[", isPlain: true, onlyAtStart: true, read: readList },
  { marker: "\n[", isPlain: true, read: readList },
];

export const FENCE_OPENERS: readonly CallOpener[] = [
  "```json\n",
  "```tool_call\n",
  "```tool_code\n",
  "```\n",
].map((marker) => ({
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
}));

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
