/** A received event. `event` is null when the sender named none. */
export interface SseEvent {
  readonly event: string | null;
  readonly data: string;
}

/**
 * Takes the text of an event stream in pieces, cut anywhere, and gives back the events that are whole. Lines may end
 * in LF, CRLF or CR; comments, `id` and `retry` are passed over; several `data` lines are joined by line feeds.
 */
export class SseDecoder {
  #line = "";
  #event: string | null = null;
  #data: string[] = [];
  #started = false;
  /** The last piece ended in CR: a LF that comes next belongs to it. */
  #afterCarriageReturn = false;

  push(text: string): SseEvent[] {
    if (text === "") return [];
    const events: SseEvent[] = [];
    let rest = text;
    if (!this.#started) {
      this.#started = true;
      if (rest.startsWith("\uFEFF")) rest = rest.slice(1);
    }
    if (this.#afterCarriageReturn) {
      this.#afterCarriageReturn = false;
      if (rest.startsWith("\n")) rest = rest.slice(1);
    }
    let start = 0;
    for (const ending of rest.matchAll(/\r\n|\n|\r/g)) {
      const event = this.#endLine(this.#line + rest.slice(start, ending.index));
      if (event) events.push(event);
      this.#line = "";
      start = ending.index + ending[0].length;
    }
    this.#line += rest.slice(start);
    this.#afterCarriageReturn = rest.endsWith("\r");
    return events;
  }

  /** The event that the sender did not finish with an empty line, for senders that forget the last one. */
  end(): SseEvent | null {
    const finished = this.#endLine(this.#line);
    this.#line = "";
    return finished ?? this.#endLine("");
  }

  #endLine(line: string): SseEvent | null {
    if (line === "") {
      const event = this.#data.length > 0 ? { event: this.#event, data: this.#data.join("\n") } : null;
      this.#event = null;
      this.#data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charAt(colon + 1) === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    return null;
  }
}
