import type Anthropic from "@anthropic-ai/sdk";
import {
  EMPTY_PROGRESS,
  foldEvent,
  type Message,
  type MessageProgress,
  MessageStreamError,
  type MessageStreamEvent,
  type MessagesRequest,
} from "@ml-intern/messages";
import type { TransientEvent, UnusableCall } from "../session/session-event.ts";
import { explainModelError, firstLineOf } from "./explain-model-error.ts";
import { retryDelay } from "./retry-delay.ts";
import { wait } from "./wait.ts";

export interface ThinkOptions {
  readonly client: Anthropic;
  readonly request: MessagesRequest;
  readonly show: (event: TransientEvent) => void;
  readonly notice: (text: string) => Promise<void>;
  /** Told of each call as soon as it is whole, with the answer up to it; it may be executed from then on. */
  readonly onCall: (message: Message) => void;
  /**
   * Names the answer's calls, counted from 0. Servers give the same ids again, and what is done once for each call needs ids
   * that are unique in a session.
   */
  readonly callId: (index: number) => string;
  readonly signal: AbortSignal;
}

export interface Thought {
  readonly message: Message;
  readonly unusable: readonly UnusableCall[];
}

/**
 * One model call, streamed. Failures that may pass (overload, lost connection, garbage, a stream that broke off) are tried
 * again with growing waits; all others throw an `InternError` that names cause and mend. An answer that breaks off
 * behind a whole call is taken as it is, since that call may have been executed: asking again could do it twice.
 */
export async function think(options: ThinkOptions): Promise<Thought> {
  const { notice, signal } = options;
  for (let attempt = 0; ; attempt++) {
    const answer = new Answer(options);
    try {
      return await answer.read();
    } catch (error) {
      signal.throwIfAborted();
      if (answer.arrived !== null) {
        await notice(
          `The model's answer broke off (${firstLineOf(error)}). Going on with the calls that are whole.`,
        );
        return { message: answer.arrived, unusable: [] };
      }
      const delay = retryDelay(error, attempt);
      if (delay === null) throw explainModelError(error, options.request.model);
      const seconds = Math.round(delay / 1000);
      await notice(`The model did not answer (${firstLineOf(error)}). Trying again in ${seconds} s.`);
      await wait(delay, signal);
    }
  }
}

class Answer {
  readonly #options: ThinkOptions;
  #progress: MessageProgress = EMPTY_PROGRESS;
  #arrived: Message | null = null;
  readonly #unusable: UnusableCall[] = [];
  #calls = 0;
  /** The newest call, when it is not sure yet that all of its arguments are there. */
  #doubtful: string | null = null;

  constructor(options: ThinkOptions) {
    this.#options = options;
  }

  /** The answer up to its last whole call, as somebody was told of it. */
  get arrived(): Message | null {
    return this.#arrived;
  }

  async read(): Promise<Thought> {
    const { client, request, signal } = this.#options;
    const body = { ...request, stream: true } as Anthropic.MessageCreateParamsStreaming;
    const events = await client.messages.create(body, { signal });
    for await (const event of events) this.#take(this.#named(event as unknown as MessageStreamEvent));
    const { message, stopped } = this.#progress;
    if (message === null || !stopped) throw new MessageStreamError("cut", "the answer broke off");
    if (this.#doubtful !== null && message.stop_reason === "max_tokens") {
      this.#unusable.push({ id: this.#doubtful, reason: "cut_off" });
    }
    return { message, unusable: this.#unusable };
  }

  #named(event: MessageStreamEvent): MessageStreamEvent {
    if (event.type !== "content_block_start" || event.content_block.type !== "tool_use") return event;
    const id = this.#options.callId(this.#calls++);
    return { ...event, content_block: { ...event.content_block, id } };
  }

  #take(event: MessageStreamEvent): void {
    const before = this.#progress;
    if (event.type !== "content_block_stop") {
      this.#progress = foldEvent(before, event);
      if (event.type === "content_block_start") this.#doubtful = null;
      this.#show(event);
      return;
    }
    const block = before.message?.content[event.index];
    if (block?.type !== "tool_use") {
      this.#progress = foldEvent(before, event);
      return;
    }
    const problem = problemOf(before.partialJson);
    // What cannot be read stays in the conversation as a call without arguments, which says what to mend.
    this.#progress = foldEvent(problem === null ? before : { ...before, partialJson: "" }, event);
    this.#doubtful = problem === null && before.partialJson !== "" ? null : block.id;
    if (problem !== null) this.#unusable.push({ id: block.id, reason: problem });
    if (this.#doubtful === null && this.#progress.message !== null) {
      const message: Message = { ...this.#progress.message, stop_reason: "tool_use" };
      this.#arrived = message;
      this.#options.onCall(message);
    }
  }

  #show(event: MessageStreamEvent): void {
    const { show } = this.#options;
    const block = "index" in event ? this.#progress.message?.content[event.index] : undefined;
    if (event.type === "content_block_start" && block?.type === "tool_use") {
      show({ type: "tool_input_delta", id: block.id, name: block.name, partial_json: "" });
    } else if (event.type === "content_block_delta") {
      const { delta } = event;
      if (delta.type === "text_delta") show({ type: "text_delta", text: delta.text });
      else if (delta.type === "thinking_delta") show({ type: "thinking_delta", text: delta.thinking });
      else if (delta.type === "input_json_delta" && block?.type === "tool_use") {
        const { id, name } = block;
        show({ type: "tool_input_delta", id, name, partial_json: delta.partial_json });
      }
    }
  }
}

/** Why arguments cannot be used; null when they can. */
function problemOf(json: string): string | null {
  if (json === "") return null;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "they are no object";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
