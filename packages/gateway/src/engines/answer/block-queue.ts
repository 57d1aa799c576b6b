import type { MessageStreamEvent } from "@ml-intern/messages";
import type { BlockWriter } from "./block-writers.ts";

interface QueuedBlock {
  readonly writer: BlockWriter;
  /** Text that waits until the block is at the head of the queue. */
  waiting: string;
  started: boolean;
  /** Whether nothing more is written to it. */
  finished: boolean;
  /** Whether its last event has been sent. */
  ended: boolean;
}

export interface BlockInput {
  readonly write: (text: string) => readonly MessageStreamEvent[];
  /** Nothing more comes: once the block is complete and at the head of the queue, it ends without waiting for another. */
  readonly finish: () => readonly MessageStreamEvent[];
}

/**
 * Sends blocks strictly one after the other, however their text is interleaved: the first one streams, the others
 * wait until it is complete. Indices count the blocks that are sent. No delta ends within a character: clients in
 * languages with other strings than JavaScript's fail on half of one.
 */
export class BlockQueue {
  readonly #blocks: QueuedBlock[] = [];
  #index = 0;

  /** Adds a block at the end. Returns how to write to it. */
  add(writer: BlockWriter): BlockInput {
    const block: QueuedBlock = { writer, waiting: "", started: false, finished: false, ended: false };
    this.#blocks.push(block);
    return {
      write: (text) => {
        if (block.ended) {
          // Nothing can be added any more, but the writer still says whether the text may be passed over.
          writer.write(text);
          return [];
        }
        block.waiting += text;
        return this.#advance();
      },
      finish: () => {
        block.finished = true;
        return this.#advance();
      },
    };
  }

  /** Ends every block that is left. */
  end({ cut }: { readonly cut: boolean }): readonly MessageStreamEvent[] {
    const events: MessageStreamEvent[] = [];
    for (const block of this.#blocks.splice(0)) {
      events.push(...this.#close(block, cut));
    }
    return events;
  }

  #advance(): readonly MessageStreamEvent[] {
    const events: MessageStreamEvent[] = [];
    for (let head = this.#blocks[0]; head; head = this.#blocks[0]) {
      events.push(...this.#write(head));
      if (!head.writer.complete || (this.#blocks.length === 1 && !head.finished)) break;
      events.push(...this.#close(head, false));
      this.#blocks.shift();
    }
    return events;
  }

  #write(block: QueuedBlock, length: number = wholeLength(block.waiting)): readonly MessageStreamEvent[] {
    if (length === 0) return [];
    const text = block.waiting.slice(0, length).replace(LONE_HALF, "\uFFFD");
    block.waiting = block.waiting.slice(length);
    return this.#send(block, block.writer.write(text));
  }

  #close(block: QueuedBlock, cut: boolean): readonly MessageStreamEvent[] {
    const rest = this.#write(block, block.waiting.length);
    const events = [...rest, ...this.#send(block, block.writer.end({ cut }))];
    if (block.started) events.push({ type: "content_block_stop", index: this.#index++ });
    block.ended = true;
    return events;
  }

  /** Starts the block if need be, which fixes its index and what it says about itself. */
  #send(block: QueuedBlock, deltas: ReturnType<BlockWriter["write"]>): readonly MessageStreamEvent[] {
    const index = this.#index;
    const events: MessageStreamEvent[] = deltas.map((delta) => ({
      type: "content_block_delta",
      index,
      delta,
    }));
    if (block.started || (deltas.length === 0 && !block.writer.alwaysSent)) return events;
    block.started = true;
    return [{ type: "content_block_start", index, content_block: block.writer.start }, ...events];
  }
}

/** In a `u` pattern, halves of a surrogate pair that lack the other half. */
const LONE_HALF = /\p{Surrogate}/gu;

/** Without a first half at the end, whose second half is still to come. */
function wholeLength(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
}
