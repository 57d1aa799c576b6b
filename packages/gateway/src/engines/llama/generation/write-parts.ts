import type { Token } from "node-llama-cpp";
import type { Finish } from "../../answer/answer.ts";
import type { AnswerParser, AnswerPart, ChatTurn } from "../formats/chat-format.ts";
import { prefixGrammar } from "../grammar/prefix-grammar.ts";
import type { Grammars } from "./grammars.ts";
import type { TokenSource } from "./token-source.ts";
import { type Detokenize, TokenText } from "./token-text.ts";

/** Parts of an answer that its reader has a use for; the others steer what is generated. */
export type WrittenPart = Exclude<
  AnswerPart,
  { readonly type: "grammar_start" | "grammar_end" | "answer_end" }
>;

/** Tokens that an answer has taken so far. */
export interface AnswerCounts {
  output: number;
  thinking: number;
}

export interface WritePartsOptions {
  readonly turn: ChatTurn;
  readonly source: TokenSource;
  readonly grammars: Grammars;
  readonly detokenize: Detokenize;
  readonly tokenize: (special: string) => readonly Token[];
  /** The last token of the prompt. */
  readonly before: readonly Token[];
  /** Most tokens to write, and what it means when they are used up. */
  readonly limit: { readonly tokens: number; readonly finish: Finish };
  /** Most tokens to think before the model is made to stop thinking; null for as many as it likes. */
  readonly thinkingBudget: number | null;
  /** Kept up to date. */
  readonly counts: AnswerCounts;
}

/**
 * Lets the model write its answer and yields what the answer consists of, after each token that brings something.
 * Generates freely until a tool call begins, then under the call's grammar until it ends. Returns why the model
 * stopped, when that was not its own doing.
 */
export async function* writeParts(
  options: WritePartsOptions,
): AsyncGenerator<readonly WrittenPart[], Finish> {
  const { turn, source, grammars, limit, counts, thinkingBudget } = options;
  const writing = new Writing(options);
  if (turn.grammar !== null) source.grammar = await grammars.begin(turn.grammar);
  let before: Token | undefined;
  let inserted: readonly Token[] = [];
  while (counts.output < limit.tokens) {
    const token = await source.next(before, inserted);
    if (token === null) {
      yield writing.end({ cut: false });
      return null;
    }
    counts.output++;
    const parts = [...(await writing.take(token))];
    if (writing.isThinking) counts.thinking++;
    before = writing.newest;
    inserted = [];
    const isSpent = thinkingBudget !== null && counts.thinking >= thinkingBudget;
    if (isSpent && writing.isThinking && turn.thinkingEnd !== null) {
      inserted = options.tokenize(turn.thinkingEnd);
      counts.output += inserted.length;
      parts.push(...writing.insert(turn.thinkingEnd, inserted));
    }
    if (parts.length > 0) yield parts;
    if (writing.hasEnded) {
      yield writing.end({ cut: false });
      return null;
    }
  }
  yield writing.end({ cut: true });
  return limit.finish;
}

/** An answer that is being written: from tokens to parts, and from parts back to the grammar of the next token. */
class Writing {
  readonly #options: WritePartsOptions;
  readonly #parser: AnswerParser;
  readonly #text: TokenText;
  /** Characters of coming text that the parser has read before their token was sampled again. */
  #skipped = 0;
  #newest: Token | undefined;
  #hasEnded = false;

  constructor(options: WritePartsOptions) {
    this.#options = options;
    this.#parser = options.turn.createParser();
    this.#text = new TokenText(options.detokenize, options.before);
  }

  get isThinking(): boolean {
    return this.#parser.place === "thinking";
  }

  /** Whether the answer wants no more tokens. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The token that was taken last; not always the one that was given. */
  get newest(): Token | undefined {
    return this.#newest;
  }

  /** Reads a token. It may be sampled again, when a grammar begins in the middle of it that it does not fit. */
  async take(token: Token): Promise<readonly WrittenPart[]> {
    this.#newest = token;
    const isAlone = this.#text.isClear;
    const text = this.#text.push(token);
    const written: WrittenPart[] = [];
    let fresh = this.#unread(text);
    for (;;) {
      const parts = this.#read(fresh);
      written.push(...parts.filter(isWritten));
      const start = parts.at(-1);
      if (start?.type !== "grammar_start") return written;
      const head = text.slice(0, text.length - start.rest.length);
      const fits = await this.#begin(start, { token, head, isAlone });
      if (!fits) return [...written, ...(await this.#sampleAgain(head))];
      fresh = start.rest;
    }
  }

  /** Puts text into the answer that the model did not write. */
  insert(text: string, tokens: readonly Token[]): readonly WrittenPart[] {
    this.#text.push(...tokens);
    this.#text.end();
    return this.#read(text).filter(isWritten);
  }

  end(options: { readonly cut: boolean }): readonly WrittenPart[] {
    const rest = this.#hasEnded ? [] : this.#read(this.#unread(this.#text.end()));
    return [...rest, ...this.#parser.end(options)].filter(isWritten);
  }

  /** Begins a grammar behind the `head` of the newest token, and says whether the rest of the token fits it. */
  async #begin(
    { grammar, rest }: Extract<AnswerPart, { type: "grammar_start" }>,
    { token, head, isAlone }: { readonly token: Token; readonly head: string; readonly isAlone: boolean },
  ): Promise<boolean> {
    const { source, grammars } = this.#options;
    if (rest === "") {
      source.grammar = await grammars.begin(grammar);
      return true;
    }
    // The text began in an earlier token, with half a character; no grammar can say that. No tokenizer does it.
    if (!isAlone) return true;
    source.grammar = await grammars.begin(prefixGrammar(grammar, head));
    return grammars.accept(source.grammar, token);
  }

  async #sampleAgain(head: string): Promise<readonly WrittenPart[]> {
    const token = await this.#options.source.again();
    this.#text.takeBack();
    this.#skipped = head.length;
    if (token === null) return [];
    this.#newest = token;
    return this.#read(this.#unread(this.#text.push(token))).filter(isWritten);
  }

  #unread(text: string): string {
    const fresh = text.slice(this.#skipped);
    this.#skipped = Math.max(0, this.#skipped - text.length);
    return fresh;
  }

  #read(text: string): readonly AnswerPart[] {
    if (text === "") return [];
    const parts = this.#parser.push(text);
    for (const { type } of parts) {
      if (type === "grammar_end") this.#options.source.grammar = undefined;
      if (type === "answer_end") this.#hasEnded = true;
    }
    return parts;
  }
}

function isWritten(part: AnswerPart): part is WrittenPart {
  return part.type !== "grammar_start" && part.type !== "grammar_end" && part.type !== "answer_end";
}
