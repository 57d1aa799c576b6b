import { createSession, type InternContext, type NewTask, work } from "../intern.ts";
import type { SessionEvent } from "../session/session-event.ts";
import { Session } from "../session/session-store.ts";

interface Working {
  readonly session: Session;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** Works on sessions in the background of one process: each runs until its turn ends or it is interrupted. */
export class SessionRunner implements AsyncDisposable {
  readonly #context: InternContext;
  readonly #onFailure: (id: string, error: unknown) => void;
  readonly #working = new Map<string, Working>();

  constructor(context: InternContext, onFailure: (id: string, error: unknown) => void) {
    this.#context = context;
    this.#onFailure = onFailure;
  }

  isWorking(id: string): boolean {
    return this.#working.has(id);
  }

  /** Starts a new task and returns its id at once. Rejects for what is wrong with the task beforehand. */
  async start(task: NewTask, signal: AbortSignal): Promise<string> {
    const session = await createSession(task, this.#context, signal);
    this.#run(session);
    return session.state.id;
  }

  /** Goes on with a stopped session. Rejects when it is unknown or some process works on it. */
  async resume(id: string): Promise<void> {
    this.#run(await Session.open(this.#context.home, id));
  }

  /** Stops a session's work; resolves when it has come to rest. False when it was not working here. */
  async interrupt(id: string): Promise<boolean> {
    const working = this.#working.get(id);
    if (working === undefined) return false;
    working.controller.abort(new DOMException("interrupted by request", "AbortError"));
    await working.done;
    return true;
  }

  /** Calls `listener` for what happens from now on; null when the session does not work here. */
  subscribe(id: string, listener: (event: SessionEvent) => void): (() => void) | null {
    return this.#working.get(id)?.session.subscribe(listener) ?? null;
  }

  /** Resolves when the session has come to rest; at once when it does not work here. */
  async whenAtRest(id: string): Promise<void> {
    await this.#working.get(id)?.done;
  }

  #run(session: Session): void {
    const { id } = session.state;
    const controller = new AbortController();
    const done = (async () => {
      try {
        // Nobody sits before a server.
        await work(session, { ...this.#context, approve: null, signal: controller.signal });
      } catch (error) {
        this.#onFailure(id, error);
      } finally {
        this.#working.delete(id);
        await session[Symbol.asyncDispose]();
      }
    })();
    this.#working.set(id, { session, controller, done });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#working.keys()].map((id) => this.interrupt(id)));
  }
}
