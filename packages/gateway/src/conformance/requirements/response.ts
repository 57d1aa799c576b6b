import type { Requirement } from "../requirement.ts";

/** The finished message. */
export const RESPONSE: readonly Requirement[] = [
  {
    id: "response.message-shape",
    source: "A4.59",
    rule: "A message has id, type, role, model, content, stop_reason, stop_sequence and usage, and container, diagnostics and stop_details as null.",
    level: "must",
  },
  {
    id: "response.tool-use-shape",
    source: "A4.60",
    rule: "A tool_use block's input is an object, and caller is absent or an object, never null.",
    level: "must",
  },
  {
    id: "response.block-shapes",
    source: "A4.61",
    rule: "Text, thinking and redacted_thinking blocks have the fields of the API.",
    level: "must",
  },
  {
    id: "response.stop-reason",
    source: "A4.62",
    rule: "A finished message has one of the API's stop reasons.",
    level: "must",
  },
  {
    id: "response.tool-use-stops",
    source: "A4.63",
    rule: "A message with calls that was not cut ends with tool_use, whatever the engine said.",
    level: "must",
  },
  {
    id: "response.stop-sequence",
    source: "A4.64",
    rule: "stop_sequence is the one that was met, else null.",
    level: "must",
  },
  {
    id: "response.refusal",
    source: "A4.65",
    rule: "A refusal is a 200 with stop_reason refusal and stop_details; all else has stop_details null.",
    level: "must",
  },
  {
    id: "response.model-name",
    source: "A4.66",
    rule: "model is the name that the client asked for.",
    level: "must",
  },
  {
    id: "response.pre-warm",
    source: "A4.66",
    rule: "max_tokens: 0 gives no content, stop_reason max_tokens and no output tokens.",
    level: "must",
  },
  {
    id: "response.empty-content",
    source: "A4.67",
    rule: "An answer without content is legal; no empty text block is ever sent.",
    level: "must",
  },
];
