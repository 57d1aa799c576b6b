import type { CountTokensRequest, ToolDefinition } from "@ml-intern/messages";
import type { AnswerPart, ChatFormat, ChatMetadata, ChatTurn } from "../chat-format.ts";
import { chooseFormat } from "../choose-format.ts";

export const WEATHER: ToolDefinition = {
  name: "get_weather",
  description: "The weather in a city.",
  input_schema: {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { type: "integer", minimum: 1, maximum: 14 },
      exact: { type: "boolean" },
      notes: { type: "array", items: { type: ["string", "null"] } },
    },
    required: ["city"],
  },
};

export const CLOCK: ToolDefinition = { name: "clock", input_schema: { type: "object", properties: {} } };

export function formatOf(template: string | null, metadata: Partial<ChatMetadata> = {}): ChatFormat {
  return chooseFormat(
    { architecture: "test", template, bosToken: "<s>", eosToken: "</s>", ...metadata },
    { now: () => new Date("2026-11-22T12:00:00Z") },
  );
}

export function request(more: Partial<CountTokensRequest> = {}): CountTokensRequest {
  return { model: "m", messages: [{ role: "user", content: "Hello?" }], tools: [WEATHER, CLOCK], ...more };
}

export interface ReadPiecesOptions {
  readonly cut?: boolean;
  readonly grammars?: boolean;
}

/** What the pieces of an answer are read as, with parts of the same block joined. */
export function readPieces(
  turn: ChatTurn,
  pieces: readonly string[],
  { cut = false, grammars = false }: ReadPiecesOptions = {},
): readonly AnswerPart[] {
  const parser = turn.createParser({ grammars });
  const parts = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end({ cut })];
  return joined(parts);
}

export function joined(parts: readonly AnswerPart[]): readonly AnswerPart[] {
  const result: AnswerPart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (last && "text" in last && "text" in part && last.type === part.type) {
      result[result.length - 1] = { ...last, text: last.text + part.text };
    } else {
      result.push(part);
    }
  }
  return result;
}

/** The answer as a whole, and cut at each place, and into single characters. */
export function everySplit(text: string): readonly (readonly string[])[] {
  const pairs = Array.from({ length: text.length - 1 }, (_, at) => [
    text.slice(0, at + 1),
    text.slice(at + 1),
  ]);
  return [[text], text.split(""), ...pairs];
}

export function call(name: string, input: string): readonly AnswerPart[] {
  return [
    { type: "tool_call_start", name },
    { type: "tool_call_arguments", text: input },
    { type: "tool_call_end" },
  ];
}

export function text(value: string): AnswerPart {
  return { type: "text", text: value };
}

export function thinking(value: string): AnswerPart {
  return { type: "thinking", text: value };
}
