import type { Message } from "@ml-intern/messages";
import type { Firing, GuardStep } from "../guards/guard-step.ts";
import { Guards } from "../guards/guards.ts";
import { toolCalls } from "../session/conversation.ts";
import type { LoggedEvent, ToolAnswer, ToolCall } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";

/** Shows the guards what a session does, from its first step on: also what was done before this process began. */
export class GuardWatch implements Disposable {
  readonly #guards = new Guards();
  readonly #tools: ReadonlyMap<string, Tool>;
  #calls: readonly ToolCall[] = [];
  #answers = new Map<string, ToolAnswer>();
  #firing: Firing | null = null;
  #stop: () => void = () => undefined;

  private constructor(tools: ReadonlyMap<string, Tool>) {
    this.#tools = tools;
  }

  static async open(session: Session, tools: ReadonlyMap<string, Tool>): Promise<GuardWatch> {
    const watch = new GuardWatch(tools);
    for (const event of await session.past()) watch.#see(event);
    watch.#stop = session.follow((event) => watch.#see(event));
    return watch;
  }

  /** What has fired and is not in the log yet. */
  get firing(): Firing | null {
    return this.#firing;
  }

  [Symbol.dispose](): void {
    this.#stop();
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
