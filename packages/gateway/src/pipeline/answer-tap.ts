import { type Message, type MessageStreamEvent, SseDecoder } from "@ml-intern/messages";
import type { RequestNotes } from "../routes/gateway-env.ts";
import type { UsageMeter } from "./usage-meter.ts";

/** Where an event or a message is longer than this, the tap gives up rather than hold it. */
const MAX_HELD = 32 * 1024 * 1024;
/** About what is around the text of a delta's event. */
const DELTA_FRAME = 90;

/** Reads along with an answer that is passed on as bytes. */
export interface AnswerTap {
  /** Must be called after the bytes have been passed on. */
  see(bytes: Uint8Array): void;
  /** No more bytes come. */
  end(): void;
  /** Whether a stream has reached its last event. */
  readonly finished: boolean;
}

export interface AnswerTapOptions {
  readonly meter: UsageMeter;
  readonly notes: RequestNotes;
}

/** A tap that never harms the answer: whatever it cannot read, it passes over, and where it fails, it stops reading. */
function harmless(tap: AnswerTap): AnswerTap {
  let broken = false;
  const attempt = (read: () => void): void => {
    if (broken) return;
    try {
      read();
    } catch {
      // Counting is less than answering.
      broken = true;
    }
  };
  return {
    see: (bytes) => attempt(() => tap.see(bytes)),
    end: () => attempt(() => tap.end()),
    get finished() {
      return tap.finished;
    },
  };
}

/** Counts from an event stream what was used, event by event. */
export function streamTap({ meter, notes }: AnswerTapOptions): AnswerTap {
  const decoder = new SseDecoder();
  const utf8 = new TextDecoder();
  let held = 0;
  let finished = false;

  function read({ event, data }: { event: string | null; data: string }): void {
    if (event === "content_block_delta") {
      meter.seeText(Math.max(0, data.length - DELTA_FRAME));
      return;
    }
    if (event !== "message_start" && event !== "message_delta" && event !== "error") {
      finished ||= event === "message_stop";
      return;
    }
    finished ||= event === "error";
    const parsed = JSON.parse(data) as MessageStreamEvent;
    if (parsed.type === "error") noteError(parsed.error, notes);
    else meter.see(parsed);
  }

  return harmless({
    see(bytes) {
      const events = decoder.push(utf8.decode(bytes, { stream: true }));
      held = events.length > 0 ? 0 : held + bytes.byteLength;
      if (held > MAX_HELD) throw new Error("An event is too long to be read along");
      for (const event of events) read(event);
    },
    end() {},
    get finished() {
      return finished;
    },
  });
}

/** Counts from a whole message what was used, once it is whole. */
export function messageTap({ meter, notes }: AnswerTapOptions): AnswerTap {
  let chunks: Uint8Array[] = [];
  let held = 0;
  return harmless({
    see(bytes) {
      held += bytes.byteLength;
      if (held > MAX_HELD) chunks = [];
      else chunks.push(bytes);
    },
    end() {
      if (held > MAX_HELD) return;
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Partial<Message> & {
        readonly error?: { readonly type?: unknown };
      };
      if (body.error) noteError(body.error, notes);
      else if (body.usage) meter.seeMessage({ usage: body.usage, stop_reason: body.stop_reason ?? null });
    },
    finished: true,
  });
}

/** Only its type: the words may quote the request. */
function noteError({ type }: { readonly type?: unknown }, notes: RequestNotes): void {
  if (typeof type === "string") notes.error_type = type;
}
