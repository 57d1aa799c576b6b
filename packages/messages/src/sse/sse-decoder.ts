import { EMPTY_TEXT, type GrowingText, grow, wholeText } from "../text/growing-text.ts";
import { SseError } from "./sse-error.ts";

/** A received event. `event` is null when the sender named none. */
export interface SseEvent {
  readonly event: string | null;
  readonly data: string;
}

export interface SseDecoderOptions {
  /** The longest event that is taken, in UTF-16 code units, so that no sender can fill the memory. Default 32 Mi. */
  readonly maxEventLength?: number;
}

/**
 * Takes the text of an event stream in pieces, cut anywhere, and gives back the events that are whole. Lines may end
 * in LF, CRLF or CR; comments, `id` and `retry` are passed over; several `data` lines are joined by line feeds. Work
 * is linear in the text. Throws {@link SseError} when an event is too long, and stays failed.
 */
export class SseDecoder {
  readonly #maxEventLength: number;
  #line: GrowingText = EMPTY_TEXT;
  #lineLength = 0;
  #event: string | null = null;
  #data: string[] = [];
  #dataLength = 0;
  #started = false;
  /** The last piece ended in CR: a LF that comes next belongs to it. */
  #afterCarriageReturn = false;
  #failure: SseError | null = null;

  constructor({ maxEventLength = 32 * 2 ** 20 }: SseDecoderOptions = {}) {
    this.#maxEventLength = maxEventLength;
  }

  push(text: string): SseEvent[] {
    if (this.#failure) throw this.#failure;
    if (text === "") return [];
    const events: SseEvent[] = [];
    let start = 0;
    if (!this.#started && text.startsWith("\uFEFF")) start = 1;
    this.#started = true;
    if (this.#afterCarriageReturn && text.startsWith("\n")) start = 1;
    this.#afterCarriageReturn = false;

    let lineFeed = text.indexOf("\n", start);
    let carriageReturn = text.indexOf("\r", start);
    while (lineFeed !== -1 || carriageReturn !== -1) {
      const isReturn = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed);
      const end = isReturn ? carriageReturn : lineFeed;
      const event = this.#endLine(text.slice(start, end));
      if (event) events.push(event);
      start = isReturn && lineFeed === end + 1 ? end + 2 : end + 1;
      // Each is looked for again only when it was used, so that no stretch of text is searched twice.
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf("\n", start);
      if (isReturn) carriageReturn = text.indexOf("\r", start);
    }
    this.#addToLine(text.slice(start));
    this.#afterCarriageReturn = text.endsWith("\r");
    return events;
  }

  /** The event that the sender did not finish with an empty line, for senders that forget the last one. */
  end(): SseEvent | null {
    if (this.#failure) throw this.#failure;
    return this.#endLine("") ?? this.#endEvent();
  }

  #addToLine(text: string): void {
    if (text === "") return;
    this.#line = grow(this.#line, text);
    this.#lineLength += text.length;
    this.#checkLength();
  }

  #endLine(rest: string): SseEvent | null {
    const line = this.#wholeLine(rest);
    if (line === "") return this.#endEvent();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charAt(colon + 1) === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    if (field !== "data") return null;
    this.#data.push(value);
    this.#dataLength += value.length + 1; // A line without text needs memory as well.
    this.#checkLength();
    return null;
  }

  #wholeLine(rest: string): string {
    if (this.#lineLength === 0) {
      // Most lines come in one piece.
      this.#checkLength(rest.length);
      return rest;
    }
    this.#addToLine(rest);
    const line = wholeText(this.#line);
    this.#line = EMPTY_TEXT;
    this.#lineLength = 0;
    return line;
  }

  #endEvent(): SseEvent | null {
    const { length } = this.#data;
    const event = length > 0 ? { event: this.#event, data: this.#data.join("\n") } : null;
    this.#event = null;
    if (length > 0) this.#data = [];
    this.#dataLength = 0;
    return event;
  }

  #checkLength(more = 0): void {
    if (this.#dataLength + this.#lineLength + more <= this.#maxEventLength) return;
    this.#line = EMPTY_TEXT;
    this.#data = [];
    this.#failure = new SseError(
      "event_too_long",
      `An event is longer than ${this.#maxEventLength} characters`,
    );
    throw this.#failure;
  }
}
