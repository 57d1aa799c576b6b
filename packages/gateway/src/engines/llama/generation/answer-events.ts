import { channel } from "node:diagnostics_channel";
import type { MessageStreamEvent } from "@ml-intern/messages";
import {
  Answer,
  type AnswerOptions,
  type Ending,
  type Finish,
  type WrittenCall,
  wasCut,
} from "../../answer/answer.ts";
import type { WrittenPart } from "./write-parts.ts";

/** What the diagnostics channel {@link CALL_COMPLETE} tells, for measurements. */
export interface CallComplete {
  readonly id: string;
  /** When the engine had the last byte of the call's arguments, by `process.hrtime.bigint()`. */
  readonly at: bigint;
}

export const CALL_COMPLETE = "ml-intern.llama.call-complete";
const callComplete = channel(CALL_COMPLETE);

/** The events of an answer's blocks. Returns how it ended. A stop sequence ends it, whatever the model would add. */
export async function* answerEvents(
  parts: AsyncGenerator<readonly WrittenPart[], Finish>,
  options: AnswerOptions,
): AsyncGenerator<MessageStreamEvent, Ending> {
  const answer = new Answer(options);
  let call: WrittenCall | null = null;
  let finish: Finish = null;
  let newest = 0n;

  function* eventsOf(part: WrittenPart): Generator<MessageStreamEvent> {
    switch (part.type) {
      case "text":
        return yield* answer.text(part.text);
      case "thinking":
        return yield* answer.thinking(part.text);
      case "tool_call_start": {
        const opened = answer.call(part.name);
        call = opened.call;
        return yield* opened.events;
      }
      case "tool_call_arguments":
        if (callComplete.hasSubscribers) newest = process.hrtime.bigint();
        return yield* call?.write(part.text) ?? [];
      case "tool_call_end":
        if (callComplete.hasSubscribers) callComplete.publish({ id: call?.id, at: newest });
        return yield* call?.finish() ?? [];
      default:
        part satisfies never;
    }
  }

  try {
    for (let next = await parts.next(); ; next = await parts.next()) {
      if (next.done) {
        finish = next.value;
        break;
      }
      for (const part of next.value) {
        yield* eventsOf(part);
        if (answer.stopSequence !== null) break;
      }
      if (answer.stopSequence !== null) break;
    }
  } finally {
    await parts.return(null);
  }
  const ending = answer.ending(finish);
  yield* answer.end({ cut: wasCut(ending) });
  return ending;
}
