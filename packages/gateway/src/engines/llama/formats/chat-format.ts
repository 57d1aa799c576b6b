import type { CountTokensRequest } from "@ml-intern/messages";

/** How a family of models writes tool calls; `generic` is our own way, for models whose template knows no tools. */
export type ChatFamily =
  | "hermes"
  | "qwen-xml"
  | "llama3"
  | "mistral"
  | "gemma"
  | "lfm2"
  | "deepseek"
  | "harmony"
  | "phi"
  | "granite"
  | "generic";

/** What a GGUF file says about its conversations. */
export interface ChatMetadata {
  /** `general.architecture`, such as `qwen2`. */
  readonly architecture: string;
  /** `tokenizer.chat_template`. */
  readonly template: string | null;
  /** `tokenizer.chat_template.<name>`, by name. */
  readonly namedTemplates?: Readonly<Record<string, string>>;
  /** Texts of these tokens, `""` where there is none. */
  readonly bosToken: string;
  readonly eosToken: string;
  /** Texts of all control and user-defined tokens of the vocabulary. Content never turns into one of them. */
  readonly specialTokens?: readonly string[];
}

/** What a model's conversations look like: how they are written for it, and how its answers are read. */
export interface ChatFormat {
  readonly family: ChatFamily;
  /** Whether the model's own template knows tools; without, they are described in the system prompt. */
  readonly supportsTools: boolean;
  readonly supportsThinking: boolean;
  /**
   * One answer: the prompt and the parser for what follows it. Throws `invalid_request` for what such a model cannot
   * be given: pictures, a schema of a `strict` tool that no grammar can keep, a prefill that the template refuses.
   */
  openTurn(request: CountTokensRequest): ChatTurn;
}

export interface ChatTurn {
  /**
   * The prompt in pieces. Tokenize each one by itself, with special tokens, and put the tokens one after the other:
   * the seams lie where content spells a special token, so that it stays plain text. The beginning-of-text token is in
   * the text when the template writes it; add it only when the model wants one and the first piece does not start with it.
   */
  readonly prompt: readonly string[];
  /** GBNF that holds from the first token on, until `grammar_end`: the answer must be a tool call. */
  readonly grammar: string | null;
  /** Text that makes a model stop thinking, for when its budget is used up; null when it cannot think. */
  readonly thinkingEnd: string | null;
  createParser(options?: AnswerParserOptions): AnswerParser;
}

export interface AnswerParserOptions {
  /** Ask for a grammar wherever a call begins (`grammar_start`). Default true. */
  readonly grammars?: boolean;
}

/** A piece of an answer. Text and thinking are never empty. */
export type AnswerPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly text: string }
  | { readonly type: "tool_call_start"; readonly name: string }
  /** A piece of the arguments' JSON text. */
  | { readonly type: "tool_call_arguments"; readonly text: string }
  /** The arguments are whole (or the model gave up on them); what follows is not part of the call. */
  | { readonly type: "tool_call_end" }
  /**
   * From here on `grammar` (GBNF, its rule is `root`) holds until `grammar_end`. Always the last part of a `push`.
   * `rest` is what that push held after this point: it was not read. Take it back and generate anew under the
   * grammar, with {@link prefixGrammar} when a token lies on both sides; or push it again when it fits the grammar.
   */
  | { readonly type: "grammar_start"; readonly grammar: string; readonly rest: string }
  | { readonly type: "grammar_end" }
  /** Nothing more is wanted: the model ended its turn in text, or the one allowed call is written. Stop generating. */
  | { readonly type: "answer_end" };

/**
 * Reads an answer that arrives in pieces, cut anywhere, special tokens as their text (all but those that end
 * generation by themselves). Linear in the text, whatever the size of the pieces. Nothing is held back for longer than
 * it may still be the beginning of a marker; white space before a call and at the start of the text is left out.
 */
export interface AnswerParser {
  /** Where the last piece ended; tokens may be counted by it. */
  readonly place: "text" | "thinking" | "call";
  push(text: string): readonly AnswerPart[];
  /** No more text comes. `cut`: by a limit, so that a call which is not whole stays so. */
  end(options: { readonly cut: boolean }): readonly AnswerPart[];
}

/** The format of a model's conversations, from what its file says (`chooseFormat` in `choose-format.ts`). */
export type ChooseFormat = (metadata: ChatMetadata, options?: ChooseFormatOptions) => ChatFormat;

export interface ChooseFormatOptions {
  /** Dates the prompts of templates that ask for it. Default: the clock. */
  readonly now?: () => Date;
}
