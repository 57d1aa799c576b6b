/** Reads text that arrives in pieces: it yields whenever it needs more, and goes on when that is there. */
export type Reading<T> = Generator<void, T, void>;

/**
 * The text of an answer as far as it has come. At its end, reading gives `""` and nothing waits any more.
 * While a mark is set, what is read is kept, so that it can still become plain text.
 */
export class TextInput {
  #text = "";
  #at = 0;
  #ended = false;
  #cut = false;
  #marked: string | null = null;

  feed(text: string): void {
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
  }

  /** No more text comes; `cut` when a limit and not the model ended it. */
  end({ cut }: { readonly cut: boolean }): void {
    this.#ended = true;
    this.#cut = cut;
  }

  get cut(): boolean {
    return this.#cut;
  }

  /** Whether no more text comes. */
  get closed(): boolean {
    return this.#ended;
  }

  /** Whether no more text comes and all of it is read. */
  get ended(): boolean {
    return this.#ended && this.#at === this.#text.length;
  }

  /** What has come and is not read yet. */
  get buffered(): string {
    return this.#text.slice(this.#at);
  }

  mark(text: string): void {
    this.#marked = text;
  }

  /** Ends the mark and gives what was read since, with the text that the mark began with. */
  unmark(): string {
    const marked = this.#marked ?? "";
    this.#marked = null;
    return marked;
  }

  /** Reads so many characters of what is buffered. */
  take(length: number = this.#text.length - this.#at): string {
    const taken = this.#text.slice(this.#at, this.#at + length);
    this.#at += taken.length;
    if (this.#marked !== null) this.#marked += taken;
    return taken;
  }

  /** Drops what is buffered, as if it had never come. */
  giveBack(): string {
    const rest = this.buffered;
    this.#at = this.#text.length;
    return rest;
  }

  /** Waits until there is something to read, or nothing will come. */
  *more(): Reading<boolean> {
    while (this.#at === this.#text.length) {
      if (this.#ended) return false;
      yield;
    }
    return true;
  }

  /** The next character, without reading it; `""` at the end. */
  *peek(): Reading<string> {
    yield* this.more();
    return this.#text.charAt(this.#at);
  }

  /** Whether this text comes next, without reading it. */
  *startsWith(expected: string): Reading<boolean> {
    for (;;) {
      const length = Math.min(expected.length, this.#text.length - this.#at);
      if (!expected.startsWith(this.#text.slice(this.#at, this.#at + length))) return false;
      if (length === expected.length) return true;
      if (this.#ended) return false;
      yield;
    }
  }

  /** Reads this text if it comes next. */
  *accept(expected: string): Reading<boolean> {
    if (!(yield* this.startsWith(expected))) return false;
    this.take(expected.length);
    return true;
  }

  /** Reads white space. */
  *space(): Reading<void> {
    while (" \n\r\t".includes((yield* this.peek()) || "x")) this.take(1);
  }

  /** Reads up to one of the characters, which is not read; null when more than `limit` come before. */
  *until(characters: string, limit: number): Reading<string | null> {
    let text = "";
    for (let next = yield* this.peek(); !characters.includes(next || "\0"); next = yield* this.peek()) {
      if (next === "" || text.length >= limit) return null;
      text += this.take(1);
    }
    return text;
  }
}
