import type { MessageStreamEvent, MessagesRequest, StopReason } from "@ml-intern/messages";
import { CHARACTERS_PER_TOKEN } from "../estimate-tokens.ts";
import { type BlockInput, BlockQueue } from "./block-queue.ts";
import { textWriter, thinkingWriter } from "./block-writers.ts";
import { StopSequences } from "./stop-sequences.ts";
import { processSigner, type ThinkingSigner } from "./thinking-signer.ts";
import { toolWriter } from "./tool-writer.ts";

export interface AnswerOptions {
  readonly request: MessagesRequest;
  readonly newId: (prefix: "toolu") => string;
  /** Whether a tool's arguments may leave before a whole member of them has come. */
  readonly isEager: (toolName: string) => boolean;
  /** Default: one that holds as long as the process. */
  readonly signer?: ThinkingSigner | undefined;
}

/** Why a model stopped, as far as it said so itself. */
export type Finish = "length" | "context_window" | "refusal" | null;

/** How an answer ended. */
export interface Ending {
  readonly reason: StopReason;
  readonly stopSequence: string | null;
  /** The model's own words, when it refused with some. */
  readonly refusal: string | null;
}

/** A tool call that is being written. */
export interface WrittenCall {
  readonly id: string;
  /** May still grow until the first argument has come. */
  name: string;
  /** Whether the arguments are a whole JSON value. */
  readonly isComplete: () => boolean;
  readonly write: (text: string) => readonly MessageStreamEvent[];
  /** Says that the arguments are whole, so that the call's block ends at once and not when another begins. */
  readonly finish: () => readonly MessageStreamEvent[];
}

/**
 * Collects what a model writes (text, thinking, tool calls) into well-formed blocks, and keeps the client's wishes on
 * the way: stop sequences, no text before a call that was demanded, one call only, no thinking. Engines feed it as
 * the model writes and pass on the events that come back.
 */
export class Answer {
  readonly #queue = new BlockQueue();
  readonly #options: AnswerOptions;
  readonly #stop: StopSequences;
  readonly #single: boolean;
  /** The kind of the newest block, and how to write to it. A tool call sets it to none. */
  #current: {
    readonly kind: "text" | "thinking";
    readonly write: (text: string) => readonly MessageStreamEvent[];
  } | null = null;
  /** Text before a tool call that the client demanded: dropped when the call comes. Null when no call is demanded. */
  #unwanted: string | null;
  #calls = 0;
  #refusal = "";
  #characters = 0;
  #stopSequence: string | null = null;

  constructor(options: AnswerOptions) {
    const { tool_choice: choice, stop_sequences: sequences = [] } = options.request;
    this.#options = options;
    this.#stop = new StopSequences(sequences);
    this.#single =
      choice !== undefined && choice.type !== "none" && choice.disable_parallel_tool_use === true;
    this.#unwanted = choice?.type === "any" || choice?.type === "tool" ? "" : null;
  }

  /** The stop sequence that the text has met; nothing may be written after that. */
  get stopSequence(): string | null {
    return this.#stopSequence;
  }

  /** Tool calls that were taken. */
  get callCount(): number {
    return this.#single ? Math.min(this.#calls, 1) : this.#calls;
  }

  /** Estimated output tokens so far. */
  get estimatedTokens(): number {
    return Math.ceil(this.#characters / CHARACTERS_PER_TOKEN);
  }

  *text(text: string): Generator<MessageStreamEvent> {
    this.#characters += text.length;
    const { text: clear, matched } = this.#stop.push(text);
    yield* this.#say(clear);
    this.#stopSequence = matched;
  }

  *thinking(text: string): Generator<MessageStreamEvent> {
    this.#characters += text.length;
    if (this.#options.request.thinking?.type !== "disabled") yield* this.#write("thinking", text);
  }

  /** Text with which the model says that it will not answer. */
  *refusal(text: string): Generator<MessageStreamEvent> {
    this.#characters += text.length;
    this.#refusal += text;
    yield* this.#say(text);
  }

  /** Opens a tool call. What is written to a call that the client did not want is dropped. */
  call(name: string): { readonly call: WrittenCall; readonly events: readonly MessageStreamEvent[] } {
    const events = [...this.#say(this.#stop.end())];
    const { newId, isEager } = this.#options;
    const identity = { id: newId("toolu"), name };
    const writer = toolWriter({ call: identity, eager: isEager(name) });
    const wanted = !this.#single || this.#calls === 0;
    const input = wanted ? this.#queue.add(writer) : UNWANTED;
    const write = (text: string): readonly MessageStreamEvent[] => {
      this.#characters += text.length;
      return input.write(text);
    };
    this.#calls++;
    this.#current = null;
    // The writer reads the name from this very object, which may still grow.
    const { finish } = input;
    return { call: Object.assign(identity, { isComplete: () => writer.complete, write, finish }), events };
  }

  ending(finish: Finish): Ending {
    const stopSequence = this.#stopSequence;
    const refusal = this.#refusal === "" ? null : this.#refusal;
    if (stopSequence !== null) return { reason: "stop_sequence", stopSequence, refusal: null };
    if (refusal !== null || finish === "refusal") return { reason: "refusal", stopSequence, refusal };
    if (finish === "length") return { reason: "max_tokens", stopSequence, refusal: null };
    if (finish === "context_window")
      return { reason: "model_context_window_exceeded", stopSequence, refusal: null };
    return { reason: this.callCount > 0 ? "tool_use" : "end_turn", stopSequence, refusal: null };
  }

  /** Ends every open block. `cut` says that the model was stopped, not that it had finished. */
  *end(options: { readonly cut: boolean }): Generator<MessageStreamEvent> {
    yield* this.#say(this.#stop.end());
    if (this.#unwanted && this.callCount === 0) yield* this.#write("text", this.#unwanted);
    yield* this.#queue.end(options);
  }

  *#say(text: string): Generator<MessageStreamEvent> {
    if (text === "") return;
    if (this.#unwanted === null) yield* this.#write("text", text);
    else this.#unwanted += text;
  }

  #write(kind: "text" | "thinking", text: string): readonly MessageStreamEvent[] {
    if (this.#current?.kind !== kind) {
      const { thinking } = this.#options.request;
      const omitted = thinking?.type === "adaptive" && thinking.display === "omitted";
      const writer =
        kind === "text"
          ? textWriter()
          : thinkingWriter({ omitted, signer: this.#options.signer ?? processSigner });
      this.#current = { kind, write: this.#queue.add(writer).write };
    }
    return this.#current.write(text);
  }
}

const UNWANTED: BlockInput = { write: () => [], finish: () => [] };

/** Whether the model was stopped before it had finished. */
export function wasCut({ reason }: Ending): boolean {
  return reason !== "tool_use" && reason !== "end_turn";
}
