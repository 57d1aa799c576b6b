import { setImmediate as restOfTheTurn } from "node:timers/promises";
import type { Message } from "@ml-intern/messages";
import type { Firing, GuardStep } from "../guards/guard-step.ts";
import { Guards } from "../guards/guards.ts";
import { toolCalls } from "../session/conversation.ts";
import type { LoggedEvent, ToolAnswer, ToolCall } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";

/** How long it holds up everything else, in milliseconds. */
const PIECE_MS = 4;

/**
 * Shows the guards what a session does, from its first step on: also what was done before this turn began. That takes a while
 * in a long session, and happens in pieces while the first answer is awaited.
 */
export class GuardWatch implements Disposable {
  readonly #guards = new Guards();
  readonly #tools: ReadonlyMap<string, Tool>;
  #calls: readonly ToolCall[] = [];
  #answers = new Map<string, ToolAnswer>();
  #firing: Firing | null = null;
  #isOver = false;
  #stop: () => void = () => undefined;
  /** What happens before they have caught up. */
  #waiting: LoggedEvent[] | null = [];
  #caughtUp: Promise<void> = Promise.resolve();

  private constructor(tools: ReadonlyMap<string, Tool>) {
    this.#tools = tools;
  }

  static open(session: Session, tools: ReadonlyMap<string, Tool>): GuardWatch {
    const watch = new GuardWatch(tools);
    watch.#stop = session.follow((event) => {
      if (watch.#waiting) watch.#waiting.push(event);
      else watch.#see(event);
    });
    watch.#caughtUp = watch.#catchUp(session.past(), session.state.seq);
    watch.#caughtUp.catch(() => undefined); // `firing` tells
    return watch;
  }

  /** What has fired and is not in the log yet. Rejects when the log cannot be read. */
  async firing(): Promise<Firing | null> {
    await this.#caughtUp;
    return this.#firing;
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#isOver = true;
  }

  async #catchUp(past: Promise<readonly LoggedEvent[]>, last: number): Promise<void> {
    let begun = performance.now();
    for (const event of await past) {
      if (event.seq > last) break;
      this.#see(event);
      if (performance.now() - begun < PIECE_MS) continue;
      await restOfTheTurn();
      if (this.#isOver) return;
      begun = performance.now();
    }
    for (const event of this.#waiting ?? []) this.#see(event);
    this.#waiting = null;
  }

  #see(event: LoggedEvent): void {
    if (event.type === "assistant_message") this.#begin(event.message);
    else if (event.type === "tool_finished") this.#answers.set(event.id, event);
    else if (event.type === "guard_fired") this.#firing = null;
    else return;
    if (this.#calls.length === 0 || !this.#calls.every(({ id }) => this.#answers.has(id))) return;
    this.#firing = this.#guards.watch(this.#calls.map((call) => this.#step(call))) ?? this.#firing;
    this.#calls = [];
    this.#answers.clear();
  }

  #begin({ content }: Message): void {
    this.#calls = toolCalls(content);
    const ids = new Set(this.#calls.map(({ id }) => id));
    // Calls may have been answered while the rest of the message was still being written.
    for (const id of this.#answers.keys()) if (!ids.has(id)) this.#answers.delete(id);
  }

  #step({ id, name, input }: ToolCall): GuardStep {
    const { content, is_error: isError } = this.#answers.get(id) as ToolAnswer;
    return { name, input, content, isError, role: this.#tools.get(name)?.role ?? "act" };
  }
}
