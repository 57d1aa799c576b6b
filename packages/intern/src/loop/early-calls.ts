import type { Message } from "@ml-intern/messages";
import type { Session } from "../session/session-store.ts";
import type { CallRunner } from "./call-runner.ts";

/** An answer that is whole within this time, in milliseconds, needs no record of its beginning. */
const PATIENCE_MS = 25;

/**
 * Lets calls begin while the model still writes. What was written up to a call is put on record first, so that a crash in
 * the rest of the answer neither loses the call nor does it twice.
 */
export class EarlyCalls {
  readonly #place: { readonly session: Session; readonly runner: CallRunner; readonly iteration: number };
  #newest: Message | null = null;
  #timer: NodeJS.Timeout | undefined;
  #recording: Promise<void> = Promise.resolve();

  constructor(place: { readonly session: Session; readonly runner: CallRunner; readonly iteration: number }) {
    this.#place = place;
  }

  /** `message` is the answer up to and including a whole call. Never waits. */
  take(message: Message): void {
    this.#newest = message;
    this.#timer ??= setTimeout(() => this.#begin(), PATIENCE_MS);
  }

  /** When the answer is over. Rejects when the session cannot be kept. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#recording;
  }

  #begin(): void {
    this.#timer = undefined;
    const { session, runner, iteration } = this.#place;
    const message = this.#newest as Message;
    this.#recording = this.#recording.then(() => {
      session.add({ type: "call_received", iteration, message });
      for (const call of session.state.pending) runner.add(call);
    });
    this.#recording.catch(() => undefined); // `end` tells
  }
}
