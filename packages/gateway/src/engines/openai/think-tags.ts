const OPENING = "<think>";
const CLOSING = "</think>";

type State = "beginning" | "opened" | "thinking" | "closed" | "text";

/** A piece of an answer's text, told apart. */
export interface ThoughtOrText {
  readonly kind: "thinking" | "text";
  readonly text: string;
}

/**
 * Tells thinking from text where a model writes both as text: `<think>…</think>` at the very beginning of its answer.
 * The same words later in the answer are text. The markers may be cut anywhere.
 */
export class ThinkTags {
  #state: State = "beginning";
  #held = "";

  push(text: string): readonly ThoughtOrText[] {
    if (this.#is("text")) return text === "" ? [] : [{ kind: "text", text }];
    this.#held += text;
    const found: ThoughtOrText[] = [];
    if (this.#is("beginning")) this.#readBeginning();
    if (this.#is("opened")) this.#skipBlank("thinking");
    if (this.#is("thinking")) this.#readThinking(found);
    if (this.#is("closed")) this.#skipBlank("text");
    if (this.#is("text")) this.#release("text", found);
    return found;
  }

  /** What was held back, when no more text comes. */
  end(): readonly ThoughtOrText[] {
    const found: ThoughtOrText[] = [];
    this.#release(this.#is("thinking") ? "thinking" : "text", found);
    return found;
  }

  #is(state: State): boolean {
    return this.#state === state;
  }

  #readBeginning(): void {
    const clear = this.#held.trimStart();
    if (clear.startsWith(OPENING)) {
      this.#held = clear.slice(OPENING.length);
      this.#state = "opened";
    } else if (!OPENING.startsWith(clear)) {
      this.#state = "text";
    }
  }

  #readThinking(found: ThoughtOrText[]): void {
    const end = this.#held.indexOf(CLOSING);
    if (end >= 0) {
      const rest = this.#held.slice(end + CLOSING.length);
      this.#held = this.#held.slice(0, end).trimEnd();
      this.#release("thinking", found);
      this.#held = rest;
      this.#state = "closed";
      return;
    }
    const clear = this.#held.length - heldLength(this.#held);
    if (clear > 0) found.push({ kind: "thinking", text: this.#held.slice(0, clear) });
    this.#held = this.#held.slice(clear);
  }

  /** The empty lines after a marker belong to neither. */
  #skipBlank(next: State): void {
    this.#held = this.#held.trimStart();
    if (this.#held !== "") this.#state = next;
  }

  #release(kind: ThoughtOrText["kind"], found: ThoughtOrText[]): void {
    if (this.#held !== "") found.push({ kind, text: this.#held });
    this.#held = "";
  }
}

/** How much of the end may be white space before the closing marker, or its beginning. */
function heldLength(text: string): number {
  let length = Math.min(CLOSING.length - 1, text.length);
  while (length > 0 && !CLOSING.startsWith(text.slice(text.length - length))) length--;
  const before = text.slice(0, text.length - length);
  return length + before.length - before.trimEnd().length;
}
