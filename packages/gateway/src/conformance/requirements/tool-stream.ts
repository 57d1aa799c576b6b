import type { Requirement } from "../requirement.ts";

/** Tool calls while they are written. */
export const TOOL_STREAM: readonly Requirement[] = [
  {
    id: "tool-stream.concatenation",
    source: "A6.89",
    rule: "The pieces of a call put together are the JSON text of its input; no piece splits a character.",
    level: "must",
  },
  {
    id: "tool-stream.empty-first-piece",
    source: "A6.90",
    rule: "No empty piece is sent.",
    level: "choice",
    because: "The API may send one first; both clients skip it.",
  },
  {
    id: "tool-stream.no-arguments",
    source: "A6.91",
    rule: "A call without arguments sends one piece, {}.",
    level: "should",
  },
  {
    id: "tool-stream.starts-empty",
    source: "A6.92",
    rule: "A call starts with input {}.",
    level: "must",
  },
  {
    id: "tool-stream.buffered",
    source: "A6.93",
    rule: "Unless a tool asks for eager arguments, they leave one whole member at a time.",
    level: "must",
  },
  {
    id: "tool-stream.eager",
    source: "A6.94",
    rule: "With eager_input_streaming: true and stream: true, arguments leave as they are written.",
    level: "must",
  },
  {
    id: "tool-stream.eager-beta",
    source: "A6.95",
    rule: "The beta fine-grained-tool-streaming-2025-05-14 makes tools eager that do not say otherwise; an explicit false wins.",
    level: "must",
  },
  {
    id: "tool-stream.eager-beta-and-toolsets",
    source: "A6.95",
    rule: "That beta together with a computer or browser toolset is 400.",
    level: "must",
  },
  {
    id: "tool-stream.eager-needs-stream",
    source: "A6.96",
    rule: "Without stream: true nothing is eager, and input is always an object.",
    level: "choice",
    because: "Not documented; nothing else makes sense where the answer comes at once.",
  },
  {
    id: "tool-stream.cut",
    source: "A6.97",
    rule: "A call that max_tokens cut is sent as far as it came, its block closed, the JSON not; stop_reason is max_tokens.",
    level: "must",
  },
  {
    id: "tool-stream.cut-in-clients",
    source: "A6.98",
    rule: "The official clients read a cut call without an error.",
    level: "must",
  },
  {
    id: "tool-stream.never-invalid",
    source: "A6.99",
    rule: "No byte of arguments leaves that is not JSON so far; what cannot be mended is an error.",
    level: "must",
  },
  {
    id: "tool-stream.invalid-json-answer",
    source: "A6.100",
    rule: "A client may answer a call it could not read with an error result that says INVALID_JSON, and send the call back with a partial input.",
    level: "must",
  },
  {
    id: "tool-stream.parallel",
    source: "A6.101",
    rule: "Parallel calls are blocks of one message, which ends with tool_use.",
    level: "must",
  },
  {
    id: "tool-stream.coalescing",
    source: "A6.102",
    rule: "Small pieces are joined by time and size, so that a client which reads every partial value stays fast.",
    level: "should",
  },
  {
    id: "tool-stream.ids",
    source: "A6.103",
    rule: "Ids of calls are unique and of the form toolu_…; on input any of letters, digits, _ and - is accepted.",
    level: "must",
  },
];
