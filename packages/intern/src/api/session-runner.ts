import type { FaultyAnswer } from "../approvals/answer-approval.ts";
import type { CallAnswer } from "../approvals/approval-event.ts";
import { createSession, type InternContext, type NewTask, work } from "../intern.ts";
import { SessionError } from "../session/session-error.ts";
import type { SessionEvent } from "../session/session-event.ts";
import { Session } from "../session/session-store.ts";
import { AskedQuestions, type OpenQuestion } from "./asked-questions.ts";

export interface RunnerOptions {
  /** Whether somebody is there to answer questions. Otherwise, which is the default, the policy decides. */
  readonly asks?: boolean;
}

interface Working {
  readonly session: Session;
  readonly questions: AskedQuestions;
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
  async start(
    task: NewTask,
    { signal, ...options }: RunnerOptions & { readonly signal: AbortSignal },
  ): Promise<string> {
    const session = await createSession(task, this.#context, signal);
    this.#run(session, options);
    return session.state.id;
  }

  /** Goes on with a stopped session. Rejects when it is unknown or some process works on it. */
  async resume(id: string, options: RunnerOptions = {}): Promise<void> {
    this.#run(await Session.open(this.#context.home, id), options);
  }

  /** What waits for a person's word in a session that works here and asks. */
  questions(id: string): readonly OpenQuestion[] {
    return this.#working.get(id)?.questions.list() ?? [];
  }

  /**
   * Answers some or all calls of a question. What is wrong with an answer is returned, and then none is taken. Throws
   * `session/no_question` for what is not asked, or was answered meanwhile.
   */
  answer(
    id: string,
    { request, answers }: { readonly request: string; readonly answers: readonly CallAnswer[] },
  ): readonly FaultyAnswer[] {
    const working = this.#working.get(id);
    if (working !== undefined) return working.questions.answer(request, answers);
    throw new SessionError("session/no_question", `Session ${id} does not work here, and asks nothing.`, {
      mend: "Resume it: what is open is asked again.",
    });
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

  #run(session: Session, { asks = false }: RunnerOptions): void {
    const { id } = session.state;
    const controller = new AbortController();
    const questions = new AskedQuestions();
    const approve = asks ? questions.approve : null;
    const done = (async () => {
      try {
        await work(session, { ...this.#context, approve, signal: controller.signal });
      } catch (error) {
        this.#onFailure(id, error);
      } finally {
        this.#working.delete(id);
        await session[Symbol.asyncDispose]();
      }
    })();
    this.#working.set(id, { session, questions, controller, done });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#working.keys()].map((id) => this.interrupt(id)));
  }
}
