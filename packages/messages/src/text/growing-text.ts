/**
 * Text that grows by small pieces, as a plain value. It takes about the memory of its characters, and both adding a
 * piece and taking the text so far cost the same however long it is.
 *
 * Engines keep what `+` makes as a tree of its parts until somebody looks at a character: 56 bytes for each part of
 * four characters in V8. So the end of the text is joined into one piece of memory whenever it fills a block.
 */
export interface GrowingText {
  /** Joined blocks. */
  readonly head: string;
  /** Less than a block, in parts. */
  readonly tail: string;
}

export const EMPTY_TEXT: GrowingText = { head: "", tail: "" };

export const BLOCK_LENGTH = 1024;

export function grow({ head, tail }: GrowingText, piece: string): GrowingText {
  const longer = tail + piece;
  return longer.length < BLOCK_LENGTH ? { head, tail: longer } : { head: head + joined(longer), tail: "" };
}

/** The text so far. */
export function textSoFar({ head, tail }: GrowingText): string {
  return head + tail;
}

/** The text, when no more comes. */
export function wholeText({ head, tail }: GrowingText): string {
  return head + joined(tail);
}

const lookedAt = new Uint16Array(1);

/** The same text in one piece of memory: engines join the parts when a character is looked at. */
export function joined(text: string): string {
  lookedAt[0] = text.charCodeAt(0); // Kept, so that the look is not optimised away.
  return text;
}
