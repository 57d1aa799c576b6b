import type { AnswerWriter } from "./answer-writer.ts";
import { JsonEnd } from "./json-end.ts";
import type { Reading, TextInput } from "./text-input.ts";

export interface CallReaderOptions {
  readonly input: TextInput;
  readonly writer: AnswerWriter;
  readonly toolNames: ReadonlySet<string>;
  /** Whether one call ends the answer. */
  readonly single: boolean;
  /** Whether calls are read under a grammar. */
  readonly grammars: boolean;
  /** Whether a grammar holds already. */
  readonly constrained: boolean;
}

/** What the families' syntaxes read calls with. */
export class CallReader {
  readonly input: TextInput;
  readonly #writer: AnswerWriter;
  readonly #toolNames: ReadonlySet<string>;
  readonly #longestName: number;
  readonly #grammars: boolean;
  readonly #single: boolean;
  #constrained: boolean;
  #isOpen = false;
  #count = 0;

  constructor({ input, writer, toolNames, single, grammars, constrained }: CallReaderOptions) {
    this.input = input;
    this.#writer = writer;
    this.#toolNames = toolNames;
    this.#longestName = Math.max(0, ...Array.from(toolNames, (name) => name.length));
    this.#grammars = grammars;
    this.#single = single;
    this.#constrained = constrained;
  }

  /** How many calls have been begun. */
  get count(): number {
    return this.#count;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  knows(name: string): boolean {
    return this.#toolNames.has(name);
  }

  /** Reads a tool's name up to one of the characters, which is not read; null when it is none. */
  *name(end: string): Reading<string | null> {
    const name = yield* this.input.until(end, this.#longestName + 2);
    return name !== null && this.knows(name.trim()) ? name.trim() : null;
  }

  /** A call has begun: what was read so far is not text. */
  start(name: string): void {
    this.input.unmark();
    this.#writer.enter("call");
    this.#writer.part({ type: "tool_call_start", name });
    this.#isOpen = true;
    this.#count++;
  }

  arguments(text: string): void {
    if (text !== "") this.#writer.part({ type: "tool_call_arguments", text });
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#writer.part({ type: "tool_call_end" });
    // What does not fit behind the call becomes text.
    this.input.mark("");
  }

  /** Whether nothing may follow the calls that are written. */
  get isEnough(): boolean {
    return this.#single && this.#count > 0 && !this.#isOpen;
  }

  /** From here on the text keeps to the grammar, if grammars are wanted and none holds. */
  *constrain(grammar: () => string): Reading<void> {
    if (!this.#grammars || this.#constrained) return;
    this.#constrained = true;
    this.#writer.part({ type: "grammar_start", grammar: grammar(), rest: this.input.giveBack() });
    yield;
  }

  unconstrain(): void {
    if (!this.#constrained) return;
    this.#constrained = false;
    this.#writer.part({ type: "grammar_end" });
  }

  /** Reads a JSON value and passes it on as it comes. Returns whether it came to its end. */
  *jsonValue(write: (text: string) => void): Reading<boolean> {
    const scanner = new JsonEnd();
    while (yield* this.input.more()) {
      const text = this.input.buffered;
      const end = scanner.find(text);
      write(this.input.take(end < 0 ? text.length : end));
      if (end >= 0) return true;
    }
    return false;
  }

  /**
   * Reads the arguments of the call at hand as JSON and ends it, if they are whole. Models that write them as a
   * string, or `null` for none, get what they mean.
   */
  *jsonArguments(): Reading<boolean> {
    yield* this.input.space();
    if ((yield* this.input.peek()) === "{") {
      const isWhole = yield* this.jsonValue((text) => this.arguments(text));
      if (isWhole) this.end();
      return isWhole;
    }
    let text = "";
    const isWhole = yield* this.jsonValue((piece) => {
      text += piece;
    });
    if (!isWhole) return false;
    this.arguments(meantArguments(text));
    this.end();
    return true;
  }
}

function meantArguments(text: string): string {
  if (text.trim() === "null") return "{}";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return value.trim() === "" ? "{}" : value;
  } catch {
    // Whoever takes the arguments says what is wrong with them.
  }
  return text;
}
