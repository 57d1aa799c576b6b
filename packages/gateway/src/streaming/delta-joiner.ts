import type { MessageStreamEvent } from "@ml-intern/messages";

type DeltaEvent = Extract<MessageStreamEvent, { type: "content_block_delta" }>;

/** A delta, taken apart. */
interface Piece {
  readonly index: number;
  readonly kind: "text_delta" | "thinking_delta" | "input_json_delta";
  readonly text: string;
}

const NOTHING: readonly MessageStreamEvent[] = [];

/** Joins deltas of the same kind that follow one another. What goes in comes out in order; empty deltas are dropped. */
export class DeltaJoiner {
  readonly #maxLength: number;
  /** What is being joined: the first of its deltas, and the text of all. */
  #first: Piece | null = null;
  #text = "";

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Whether there is something that `flush` would let go. */
  get holds(): boolean {
    return wholeCharacters(this.#text) > 0;
  }

  /** The events that can wait no longer now that this one has come. */
  push(event: MessageStreamEvent): readonly MessageStreamEvent[] {
    const piece = pieceOf(event);
    if (!piece) return this.#first ? [...this.end(), event] : [event];
    const first = this.#first;
    const isSame = first?.kind === piece.kind && first.index === piece.index;
    const before = isSame ? NOTHING : this.end();
    this.#first ??= piece;
    this.#text += piece.text;
    return this.#text.length >= this.#maxLength ? [...before, ...this.flush()] : before;
  }

  /** Lets go what is held, but for half a character: its other half is in the next delta. */
  flush(): readonly MessageStreamEvent[] {
    return this.#letGo(wholeCharacters(this.#text));
  }

  /** Lets go all that is held. */
  end(): readonly MessageStreamEvent[] {
    const events = this.#letGo(this.#text.length);
    this.#first = null;
    return events;
  }

  #letGo(length: number): readonly MessageStreamEvent[] {
    if (!this.#first || length === 0) return NOTHING;
    const event = deltaEvent({ ...this.#first, text: this.#text.slice(0, length) });
    this.#text = this.#text.slice(length);
    return [event];
  }
}

function pieceOf(event: MessageStreamEvent): Piece | null {
  if (event.type !== "content_block_delta") return null;
  const { index, delta } = event;
  switch (delta.type) {
    case "text_delta":
      return { index, kind: delta.type, text: delta.text };
    case "thinking_delta":
      return { index, kind: delta.type, text: delta.thinking };
    case "input_json_delta":
      return { index, kind: delta.type, text: delta.partial_json };
    default:
      return null;
  }
}

function deltaEvent({ index, kind, text }: Piece): DeltaEvent {
  const type = "content_block_delta";
  switch (kind) {
    case "text_delta":
      return { type, index, delta: { type: kind, text } };
    case "thinking_delta":
      return { type, index, delta: { type: kind, thinking: text } };
    case "input_json_delta":
      return { type, index, delta: { type: kind, partial_json: text } };
  }
}

/** The length of a text without half a character at its end. */
function wholeCharacters(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
}
