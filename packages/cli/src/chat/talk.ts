import {
  type Approve,
  approveAll,
  describeFailure,
  type Session,
  type SessionEvent,
  work,
} from "@ml-intern/intern";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, exitCodeOf, exitCodeOfCause } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";
import { askPerson } from "../terminal/ask-person.ts";
import { askAtFace } from "../terminal/ink/ask-at-face.ts";
import type { InkFace } from "../terminal/ink/ink-face.ts";
import { commandsFor, runSlashCommand } from "../terminal/ink/slash-commands.ts";
import { summarise } from "../terminal/summarise.ts";
import { TerminalFace } from "../terminal/terminal-face.ts";
import { controlsOf } from "./controls-of.ts";

/** What comes after a turn. */
export type Next =
  | { readonly kind: "turn"; readonly text: string | null }
  /** Another session is in front of the person from now on; one that `starts` goes on by itself. */
  | { readonly kind: "session"; readonly session: Session; readonly starts: boolean }
  | { readonly kind: "quit" };

/** A person and a session at a terminal: turn after turn, and what is said between them. */
export class Talk implements AsyncDisposable {
  readonly face: InkFace;
  readonly options: WorkOptions;
  readonly context: CommandContext;
  session: Session;
  #unsubscribe: () => void = () => undefined;
  #turn: AbortController | null = null;
  /** Resolves when the turn that the person saw end has also put its things away; null before they saw that. */
  #ending: Promise<unknown> | null = null;
  #isPlain = false;
  #releases = 0;
  readonly #inbox: Next[] = [];
  #wake: () => void = () => undefined;

  constructor(parts: { face: InkFace; session: Session; options: WorkOptions; context: CommandContext }) {
    this.face = parts.face;
    this.session = parts.session;
    this.options = parts.options;
    this.context = parts.context;
  }

  get working(): boolean {
    return this.#turn !== null;
  }

  async run(): Promise<number> {
    using _interrupts = watchInterrupts({ onFirst: () => this.quit() });
    this.face.handle({
      onSay: (text, hears) => void this.#hear(text, hears),
      onInterrupt: () => this.#stop(),
      onQuit: () => this.#leaveAtOnce(),
      commandsFor,
    });
    this.#take(this.session);
    let code: number = EXIT.published;
    let next: Next = { kind: "turn", text: null };
    while (next.kind !== "quit") {
      if (next.kind === "session") await this.#change(next);
      else code = await this.#turnWith(next.text);
      next = await this.#next();
    }
    this.face.close();
    const { outcome, id } = this.session.state;
    if (outcome !== "published" && outcome !== "answered")
      this.context.error(`Everything is kept. To go on: ml-intern resume ${id}\n`);
    return code;
  }

  /** What is to be done when the turn is over. */
  do(next: Next): void {
    this.#inbox.push(next);
    this.#wake();
  }

  quit(): void {
    this.#stop();
    this.do({ kind: "quit" });
  }

  print(lines: readonly string[]): void {
    if (this.#isPlain) this.context.out(`${lines.join("\n")}\n`);
    else this.face.print(lines);
  }

  /** The face is gone; what happens is told as in a pipe, and the chat ends with the turn. */
  goPlain(): void {
    this.#isPlain = true;
    const { out, style } = this.context;
    const plain = new TerminalFace({ write: out, style });
    this.#subscribe((event) => plain.show(event));
    this.#wake();
  }

  async #turnWith(text: string | null): Promise<number> {
    const working = this.#work(text);
    const stop = this.session.subscribe(({ type }) => {
      if (type === "turn_finished") this.#ending = working;
    });
    try {
      return await working;
    } finally {
      stop();
      this.#ending = null;
    }
  }

  async #work(text: string | null): Promise<number> {
    const { home, env } = this.context;
    const { session } = this;
    const turn = new AbortController();
    this.#turn = turn;
    try {
      const approve = this.options.yes ? approveAll : this.#approve;
      const result = await work(session, { home, env, text, approve, signal: turn.signal });
      this.#summarise();
      return exitCodeOf(result.outcome, result.cause?.code);
    } catch (error) {
      this.face.take(session.state);
      return exitCodeOfCause(this.#explain(error));
    } finally {
      this.#turn = null;
    }
  }

  /** What is to be done next: what the person said meanwhile, or whatever they say now. */
  async #next(): Promise<Next> {
    const { state } = this.session;
    const waits = state.queued.length + state.unheard.length > 0;
    for (;;) {
      const next = this.#inbox.shift();
      if (next !== undefined) return next;
      if (this.#isPlain) return { kind: "quit" };
      if (waits && state.outcome !== "stopped") return { kind: "turn", text: null };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #hear(text: string, hears: "next_step" | "next_turn"): Promise<void> {
    try {
      await this.#ending;
      if (text.startsWith("/")) await runSlashCommand(controlsOf(this), text);
      else if (this.working) await this.session.append({ type: "said", text, hears });
      else this.do({ kind: "turn", text });
    } catch (error) {
      this.#explain(error);
    }
  }

  #approve: Approve = async (question, signal) => {
    const { style, out, env } = this.context;
    const answers = this.#isPlain ? null : await askAtFace(this.face, question, { env, signal });
    if (answers !== null || signal.aborted) return answers ?? [];
    if (this.#isPlain) return await askPerson(question, { style, out, env, signal });
    // They left the question with Escape, which stops the turn elsewhere, too.
    this.#stop();
    return [];
  };

  #summarise(): void {
    const releases = this.session.state.records.release?.length ?? 0;
    if (releases === this.#releases) return;
    this.#releases = releases;
    const summary = summarise(this.session, this.context.style);
    this.print(summary.trimEnd().split("\n"));
  }

  #explain(error: unknown): string {
    const { code, message, mend } = describeFailure(error);
    this.print([this.context.style.failure(`✗ ${message}`), `  ${mend}`]);
    return code;
  }

  #stop(): void {
    this.#turn?.abort(new DOMException("stopped by the person", "AbortError"));
  }

  #leaveAtOnce(): void {
    this.quit();
    if (!this.working) return;
    this.face.close();
    process.exit(EXIT.quit);
  }

  #take(session: Session): void {
    this.session = session;
    this.#releases = session.state.records.release?.length ?? 0;
    this.face.take(session.state);
    this.#subscribe((event) => this.face.show(event));
  }

  #subscribe(listener: (event: SessionEvent) => void): void {
    this.#unsubscribe();
    this.#unsubscribe = this.session.subscribe(listener);
  }

  async #change({ session, starts }: Extract<Next, { kind: "session" }>): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    this.#take(session);
    const { id, options, outcome } = session.state;
    const { bold, dim } = this.context.style;
    this.print(["", bold(`Session ${id}`), dim(`  ${options.task.split("\n")[0]}`)]);
    if (starts && outcome !== "published") this.#inbox.unshift({ kind: "turn", text: null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.face.handle(null);
    await this.session[Symbol.asyncDispose]();
  }
}
