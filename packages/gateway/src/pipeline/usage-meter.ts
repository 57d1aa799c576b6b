import type { Message, MessageStreamEvent } from "@ml-intern/messages";
import { CHARACTERS_PER_TOKEN } from "../engines/estimate-tokens.ts";
import type { SettledUsage } from "../routes/admission.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { noteDiagnostics, noteEvent, noteUsage } from "../routes/note-event.ts";

export interface UsageMeterOptions {
  /** What is learnt is written here. */
  readonly notes: RequestNotes;
  /** Milliseconds since the request arrived. */
  readonly elapsed: () => number;
}

/** Learns from an answer what it used. One that ended early is counted by the length of what it had sent. */
export class UsageMeter {
  readonly #options: UsageMeterOptions;
  #characters = 0;
  #state: "waiting" | "begun" | "counted" = "waiting";

  constructor(options: UsageMeterOptions) {
    this.#options = options;
  }

  /** What was used, when the request has ended; null when the answer never began. The notes then say so too. */
  settle(): SettledUsage | null {
    if (this.#state === "waiting") return null;
    const { notes } = this.#options;
    if (this.#state === "begun") {
      const estimated = Math.ceil(this.#characters / CHARACTERS_PER_TOKEN);
      notes.output_tokens = Math.max(notes.output_tokens ?? 0, estimated);
      notes.estimated = true;
    }
    return {
      inputTokens: notes.input_tokens ?? 0,
      cacheCreationTokens: notes.cache_creation_input_tokens ?? 0,
      cacheReadTokens: notes.cache_read_input_tokens ?? 0,
      outputTokens: notes.output_tokens ?? 0,
    };
  }

  see(event: MessageStreamEvent): void {
    noteEvent(event, this.#options);
    if (event.type === "message_start") {
      this.#state = "begun";
      this.#characters = 0;
    } else if (event.type === "content_block_delta") {
      this.seeText(lengthOf(event.delta));
    } else if (event.type === "message_delta") {
      this.#state = "counted";
    }
  }

  /** Text that was sent, where the event itself is not looked into. */
  seeText(characters: number): void {
    this.#characters += characters;
  }

  /** An answer that came whole. */
  seeMessage({
    usage,
    stop_reason: reason,
    diagnostics,
  }: Pick<Message, "usage" | "stop_reason"> & Partial<Pick<Message, "diagnostics">>): void {
    const { notes, elapsed } = this.#options;
    notes.first_event_ms ??= elapsed();
    noteUsage(usage, notes);
    noteDiagnostics(diagnostics, notes);
    if (reason) notes.stop_reason = reason;
    this.#state = "counted";
  }
}

/** Whatever kind of delta it is, one of these holds what was written. */
function lengthOf(delta: Readonly<Record<string, unknown>>): number {
  const text = delta.text ?? delta.partial_json ?? delta.thinking;
  return typeof text === "string" ? text.length : 0;
}
