import { StringDecoder } from "node:string_decoder";
import { type Message, type MessageStreamEvent, SseDecoder, type SseEvent } from "@ml-intern/messages";
import type { RequestNotes } from "../routes/gateway-env.ts";
import type { CacheLedger } from "./cache-ledger.ts";
import type { UsageMeter } from "./usage-meter.ts";

/** A whole answer that is longer is not held, and so not counted. */
const MAX_WHOLE = 32 * 1024 * 1024;
/** Where the kind of a delta stands at the earliest: after `{"type":"content_block_delta","index":0,"delta":`. */
const DELTA_START = 45;
/** What is around the text of a delta that is written in another way, about. */
const DELTA_FRAME = 85;

/** The parts of a whole answer, or of an error, that are looked at. */
type WholeAnswer = Partial<Pick<Message, "usage" | "stop_reason" | "diagnostics">> & {
  readonly error?: { readonly type?: unknown };
};

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
  /** Told when tokens have been counted. */
  readonly ledger: CacheLedger | null;
}

/** Runs what must not harm the answer, which is to count what was used. */
function harmlessly(read: () => void): void {
  try {
    read();
  } catch {
    // What cannot be read is not counted; the client gets it all the same.
  }
}

/**
 * Characters of text in a delta's event, escapes included, without parsing it: what stands after its kind, as in
 * `{"type":"text_delta","text":"…"}}`.
 */
function textLength(data: string): number {
  const kind = data.indexOf('_delta","', DELTA_START);
  const text = kind === -1 ? -1 : data.indexOf(':"', kind + '_delta","'.length);
  const frame = text === -1 ? DELTA_FRAME : text + ':"'.length + '"}}'.length;
  return Math.max(0, data.length - frame);
}

/** Counts from an event stream what was used, event by event. */
export function streamTap({ meter, notes, ledger }: AnswerTapOptions): AnswerTap {
  const decoder = new SseDecoder();
  // Several times faster than `TextDecoder`, also on the small pieces of a stream.
  const utf8 = new StringDecoder("utf8");
  let finished = false;

  function read({ event, data }: SseEvent): void {
    finished ||= event === "message_stop" || event === "error";
    if (event === "content_block_delta") {
      meter.seeText(textLength(data));
    } else if (event === "message_start" || event === "message_delta" || event === "error") {
      harmlessly(() => {
        const parsed = JSON.parse(data) as MessageStreamEvent;
        if (parsed.type === "error") noteError(parsed.error, notes);
        else meter.see(parsed);
        ledger?.counted();
      });
    }
  }

  return {
    // An event that is too long to be held is not read, and nothing after it.
    see: (bytes) =>
      harmlessly(() => {
        for (const event of decoder.push(utf8.write(bytes))) read(event);
      }),
    end() {},
    get finished() {
      return finished;
    },
  };
}

/** Counts from a whole message what was used, once it is whole. */
export function messageTap({ meter, notes, ledger }: AnswerTapOptions): AnswerTap {
  let chunks: Uint8Array[] = [];
  let held = 0;
  return {
    see(bytes) {
      held += bytes.byteLength;
      if (held > MAX_WHOLE) chunks = [];
      else chunks.push(bytes);
    },
    end() {
      if (held <= MAX_WHOLE) harmlessly(() => readMessage(Buffer.concat(chunks).toString("utf8")));
    },
    finished: true,
  };

  function readMessage(text: string): void {
    const { error, usage, stop_reason: reason = null, diagnostics = null } = JSON.parse(text) as WholeAnswer;
    if (error) noteError(error, notes);
    else if (usage) {
      meter.seeMessage({ usage, stop_reason: reason, diagnostics });
      ledger?.counted();
    }
  }
}

/** Only its type: the words may quote the request. */
function noteError({ type }: { readonly type?: unknown }, notes: RequestNotes): void {
  if (typeof type === "string") notes.error_type = type;
}
