import { encodeSse, type MessageStreamEvent } from "@ml-intern/messages";

/** Events that come together leave together, up to about this many characters. */
const MAX_JOINED = 16 * 1024;

export interface JoinedText {
  readonly text: string;
  /** No more comes. */
  readonly done: boolean;
}

interface Reader {
  readonly resolve: (piece: JoinedText) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The text of an event stream in pieces: an event and those that need no waiting after it, since each step to the socket
 * costs more than an event. At most one event is asked for that nobody has asked to read. For one reader.
 */
export class JoinedEvents {
  readonly #events: AsyncIterator<MessageStreamEvent>;
  #text = "";
  #outcome: "done" | { readonly error: unknown } | null = null;
  #reader: Reader | null = null;
  #isAsking = false;
  /** Whether what has come leaves when this turn of the event loop is over. */
  #isLeaving = false;

  constructor(events: AsyncIterator<MessageStreamEvent>) {
    this.#events = events;
  }

  /** The next piece. Rejects when the events fail. One call at a time. */
  next(): Promise<JoinedText> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      if (this.#outcome) this.#handOver();
      else this.#readOn();
    });
  }

  #readOn(): void {
    if (this.#text !== "") this.#leaveSoon();
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#events.next().then(this.#take, this.#fail);
  }

  readonly #take = ({ done, value }: IteratorResult<MessageStreamEvent, unknown>): void => {
    this.#isAsking = false;
    if (done) this.#outcome = "done";
    else this.#text += encodeSse(value);
    if (done || this.#text.length >= MAX_JOINED) this.#handOver();
    else if (this.#reader) this.#readOn();
  };

  readonly #fail = (error: unknown): void => {
    this.#isAsking = false;
    this.#outcome = { error };
    this.#handOver();
  };

  #leaveSoon(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    setImmediate(() => {
      this.#isLeaving = false;
      if (this.#text !== "") this.#handOver();
    });
  }

  #handOver(): void {
    if (!this.#reader) return;
    const { resolve, reject } = this.#reader;
    const text = this.#text;
    this.#reader = null;
    this.#text = "";
    if (typeof this.#outcome === "object" && this.#outcome !== null && text === "")
      reject(this.#outcome.error);
    else resolve({ text, done: this.#outcome === "done" });
  }
}
