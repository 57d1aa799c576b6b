import type { AnswerParser } from "../chat-format.ts";
import type { AnswerWriter } from "./answer-writer.ts";
import type { CallReader } from "./call-reader.ts";
import type { Reading } from "./text-input.ts";

export interface CreateAnswerParserOptions {
  readonly call: CallReader;
  readonly writer: AnswerWriter;
  readonly reading: Reading<void>;
  /** What stands before the answer in the prompt and belongs to it: the beginning of a call. */
  readonly start: string;
}

/** Drives the reading of an answer with the pieces that come. */
export function createAnswerParser({
  call,
  writer,
  reading,
  start,
}: CreateAnswerParserOptions): AnswerParser {
  let isWhole = false;

  function read(): void {
    isWhole = reading.next().done ?? false;
    if (!isWhole) return;
    writer.flush();
    if (!call.input.closed) writer.part({ type: "answer_end" });
  }

  if (start !== "") {
    call.input.feed(start);
    read();
  }
  return {
    get place() {
      return writer.place;
    },
    push(text) {
      if (isWhole || text === "") return [];
      call.input.feed(text);
      read();
      return writer.take();
    },
    end({ cut }) {
      if (isWhole) return [];
      call.input.end({ cut });
      read();
      if (call.isOpen && !cut) call.end();
      return writer.take();
    },
  };
}
