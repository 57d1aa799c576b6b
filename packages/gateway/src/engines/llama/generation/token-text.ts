import type { Token } from "node-llama-cpp";

/** What a character becomes whose bytes are not all there yet. */
const INCOMPLETE = "\uFFFD";
/** More tokens than the longest character has bytes: the text is not going to get whole. */
const MOST_WAITING = 8;

/** Tokens as text, in which special tokens are spelled out. */
export type Detokenize = (tokens: readonly Token[]) => string;

/**
 * Turns tokens into text as they come. A character that is spread over several tokens comes out when it is whole.
 */
export class TokenText {
  readonly #detokenize: Detokenize;
  /** The token before the waiting ones: some tokens are spelled differently at the beginning of a text. */
  #before: readonly Token[];
  #waiting: Token[] = [];
  /** Characters of the waiting tokens' text that came out already. */
  #sent = 0;
  #undo: () => void = () => {};

  constructor(detokenize: Detokenize, before: readonly Token[]) {
    this.#detokenize = detokenize;
    this.#before = before.slice(-1);
  }

  /** Whether the next text that comes out belongs to one token alone. */
  get isClear(): boolean {
    return this.#waiting.length === 0;
  }

  push(...tokens: readonly Token[]): string {
    const [before, waiting, sent] = [this.#before, this.#waiting, this.#sent];
    this.#undo = () => {
      [this.#before, this.#waiting, this.#sent] = [before, waiting, sent];
    };
    this.#waiting = [...waiting, ...tokens];
    const text = this.#text();
    const isWhole = !text.endsWith(INCOMPLETE) || this.#waiting.length > MOST_WAITING;
    const ready = text.slice(this.#sent, isWhole ? undefined : -1);
    if (isWhole) this.#clear();
    else this.#sent += ready.length;
    return ready;
  }

  /** Forgets the last push, whose text the caller did not use. */
  takeBack(): void {
    this.#undo();
  }

  /** What is left when no more tokens come. */
  end(): string {
    const text = this.#text().slice(this.#sent);
    this.#clear();
    return text;
  }

  #text(): string {
    if (this.#waiting.length === 0) return "";
    const before = this.#detokenize(this.#before);
    const whole = this.#detokenize([...this.#before, ...this.#waiting]);
    return whole.startsWith(before) ? whole.slice(before.length) : this.#detokenize(this.#waiting);
  }

  #clear(): void {
    this.#before = this.#waiting.slice(-1);
    this.#waiting = [];
    this.#sent = 0;
  }
}
