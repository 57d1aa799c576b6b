import {
  type BlockDelta,
  type ContentBlock,
  emptyMessage,
  type MessageStreamEvent,
} from "@ml-intern/messages";
import { argumentsOf, pieces, type ScriptedTurn, stopReasonOf } from "../scripted-turn.ts";

export interface TurnEventsOptions {
  readonly id?: string;
  readonly model?: string;
  /** Characters in a delta; default 8. */
  readonly chunkSize?: number;
}

interface ScriptedBlock {
  readonly start: ContentBlock;
  readonly deltas: readonly BlockDelta[];
}

/** A scripted turn as the well-formed stream of events that a model would send. */
export function* turnEvents(
  turn: ScriptedTurn,
  { id = "msg_scripted", model = "scripted", chunkSize = 8 }: TurnEventsOptions = {},
): Generator<MessageStreamEvent> {
  const usage = turn.usage ?? { input_tokens: 10, output_tokens: 5 };
  yield { type: "message_start", message: emptyMessage({ id, model, inputTokens: usage.input_tokens }) };
  let index = 0;
  for (const { start, deltas } of blocksOf(turn, chunkSize)) {
    yield { type: "content_block_start", index, content_block: start };
    for (const delta of deltas) yield { type: "content_block_delta", index, delta };
    yield { type: "content_block_stop", index };
    index++;
  }
  const ending = {
    stop_reason: stopReasonOf(turn),
    stop_sequence: turn.stopSequence ?? null,
    stop_details: null,
    container: null,
  };
  yield { type: "message_delta", delta: ending, usage };
  yield { type: "message_stop" };
}

function* blocksOf(
  { thinking, text, toolCalls, splitsCharacters }: ScriptedTurn,
  size: number,
): Generator<ScriptedBlock> {
  const cut = (whole: string): readonly string[] => pieces(whole, { size, splitsCharacters });
  if (thinking !== undefined) {
    yield {
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...cut(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece }) as const),
        { type: "signature_delta", signature: "scripted" },
      ],
    };
  }
  if (text !== undefined) {
    yield {
      start: { type: "text", text: "" },
      deltas: cut(text).map((piece) => ({ type: "text_delta", text: piece })),
    };
  }
  for (const [index, call] of (toolCalls ?? []).entries()) {
    yield {
      start: {
        type: "tool_use",
        id: call.id ?? `toolu_scripted_${index + 1}`,
        name: call.name,
        input: {},
      },
      deltas: cut(argumentsOf(call)).map((piece) => ({
        type: "input_json_delta",
        partial_json: piece,
      })),
    };
  }
}
