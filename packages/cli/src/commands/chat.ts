import {
  type ApprovalRequest,
  type CallAnswer,
  createTools,
  describeFailure,
  findStep,
  forkSession,
  resolveModel,
  rewind,
  Session,
  type SessionEvent,
  type SessionOptions,
  work,
} from "@ml-intern/intern";
import type { WorkOptions } from "../arguments.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, exitCodeOf, exitCodeOfCause } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";
import { askPerson } from "../terminal/ask-person.ts";
import { askAtFace } from "../terminal/ink/ask-at-face.ts";
import { InkFace } from "../terminal/ink/ink-face.ts";
import { InputHistory } from "../terminal/ink/input-history.ts";
import { type Choice, Picker } from "../terminal/ink/picker.ts";
import type { SessionControls } from "../terminal/ink/session-controls.ts";
import { commandsFor, runSlashCommand } from "../terminal/ink/slash-commands.ts";
import { TextQuestion } from "../terminal/ink/text-question.ts";
import { summarise } from "../terminal/summarise.ts";
import { TerminalFace } from "../terminal/terminal-face.ts";
import { listModels } from "./list-models.ts";
import { newSession } from "./new-session.ts";

/**
 * A session with a person in front of it: turn after turn, until they leave. With no session they are asked for a task. The
 * work does not depend on the face: should that break, the turn goes on in plain text. Returns the exit code of the last turn.
 */
export async function chat(
  session: Session | null,
  options: WorkOptions,
  context: CommandContext,
): Promise<number> {
  let chatting: Chat | null = null;
  const history = await InputHistory.open(context.home);
  const face = new InkFace({
    stdin: process.stdin,
    stdout: process.stdout,
    style: context.style,
    history,
    onFailure: (error) => {
      const { message } = describeFailure(error);
      context.error(`ml-intern: the terminal face broke: ${message}\n  Going on in plain text.\n`);
      chatting?.goPlain();
    },
  });
  face.open();
  try {
    const begun = session ?? (await askForSession(face, { task: null, options, context }));
    if (begun === null) return EXIT.published;
    await using talk = new Chat({ face, session: begun, options, context });
    chatting = talk;
    return await talk.run();
  } finally {
    face.close();
    await history.written();
  }
}

/** Asks for what is missing until there is a session; null when the person leaves. */
async function askForSession(
  face: InkFace,
  { task, options, context }: { task: string | null; options: WorkOptions; context: CommandContext },
): Promise<Session | null> {
  const ask = (question: string, hint: string): Promise<string | null> =>
    face.ask(new TextQuestion([question], `${hint} · esc leaves`));
  let words = task;
  let { data } = options;
  for (;;) {
    words ??= await ask(
      "What should be done?",
      "such as: Train a classifier for the column label of plants.csv",
    );
    if (words === null) return null;
    if (words === "") words = null;
    if (words === null) continue;
    try {
      return await newSession(words, { ...options, data }, context);
    } catch (error) {
      const { code, message, mend } = describeFailure(error);
      face.print([context.style.failure(`✗ ${message}`), `  ${mend}`]);
      if (code === "task/no_data") {
        data = await ask(
          "Where are the data?",
          "a CSV, TSV, JSON, JSONL or Parquet file, or a folder of images",
        );
        if (data === null) return null;
      } else words = null;
    }
  }
}

type Next =
  | { readonly kind: "turn"; readonly text: string | null }
  /** Another session is in front of the person from now on; one that `starts` goes on by itself. */
  | { readonly kind: "session"; readonly session: Session; readonly starts: boolean }
  | { readonly kind: "quit" };

class Chat implements SessionControls, AsyncDisposable {
  readonly home: string;
  readonly style: CommandContext["style"];
  session: Session;
  readonly #face: InkFace;
  readonly #options: WorkOptions;
  readonly #context: CommandContext;
  #unsubscribe: () => void = () => undefined;
  #turn: AbortController | null = null;
  /** Resolves when the turn that the person saw end has also put its things away; null before they saw that. */
  #ending: Promise<unknown> | null = null;
  #isPlain = false;
  #releases = 0;
  readonly #inbox: Next[] = [];
  #wake: () => void = () => undefined;

  constructor(parts: { face: InkFace; session: Session; options: WorkOptions; context: CommandContext }) {
    this.#face = parts.face;
    this.session = parts.session;
    this.#options = parts.options;
    this.#context = parts.context;
    this.home = parts.context.home;
    this.style = parts.context.style;
  }

  get working(): boolean {
    return this.#turn !== null;
  }

  async run(): Promise<number> {
    using _interrupts = watchInterrupts({ onFirst: () => this.quit() });
    this.#face.handle({
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
    this.#face.close();
    const { outcome, id } = this.session.state;
    if (outcome !== "published" && outcome !== "answered")
      this.#context.error(`Everything is kept. To go on: ml-intern resume ${id}\n`);
    return code;
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
    const { home, env } = this.#context;
    const { session } = this;
    const turn = new AbortController();
    this.#turn = turn;
    try {
      const result = await work(session, {
        ...{ home, env, text },
        approve: (request, signal) => this.#approve(request, signal),
        signal: turn.signal,
      });
      this.#summarise();
      return exitCodeOf(result.outcome, result.cause?.code);
    } catch (error) {
      this.#face.take(session.state);
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

  #do(next: Next): void {
    this.#inbox.push(next);
    this.#wake();
  }

  async #hear(text: string, hears: "next_step" | "next_turn"): Promise<void> {
    try {
      await this.#ending;
      if (text.startsWith("/")) await runSlashCommand(this, text);
      else if (this.working) await this.session.append({ type: "said", text, hears });
      else this.#do({ kind: "turn", text });
    } catch (error) {
      this.#explain(error);
    }
  }

  #approve(request: ApprovalRequest, signal: AbortSignal): Promise<boolean | CallAnswer> {
    const { style, out, env } = this.#context;
    const ask = async (): Promise<boolean | CallAnswer> => {
      const answer = this.#isPlain ? null : await askAtFace(this.#face, request, { env, signal });
      signal.throwIfAborted();
      if (answer !== null) return answer;
      return this.#isPlain ? await askPerson(request, { style, out, signal }) : false;
    };
    return this.#options.yes ? Promise.resolve(true) : ask();
  }

  #summarise(): void {
    const releases = this.session.state.records.release?.length ?? 0;
    if (releases === this.#releases) return;
    this.#releases = releases;
    const summary = summarise(this.session, this.style);
    if (this.#isPlain) this.#context.out(summary);
    else this.print(summary.trimEnd().split("\n"));
  }

  #explain(error: unknown): string {
    const { code, message, mend } = describeFailure(error);
    this.print([this.style.failure(`✗ ${message}`), `  ${mend}`]);
    return code;
  }

  #stop(): void {
    this.#turn?.abort(new DOMException("stopped by the person", "AbortError"));
  }

  #leaveAtOnce(): void {
    this.quit();
    if (!this.working) return;
    this.#face.close();
    process.exit(EXIT.quit);
  }

  /** The face is gone; what happens is told as in a pipe, and the chat ends with the turn. */
  goPlain(): void {
    this.#isPlain = true;
    const { out, style } = this.#context;
    const plain = new TerminalFace({ write: out, style });
    this.#subscribe((event) => plain.show(event));
    this.#wake();
  }

  #take(session: Session): void {
    this.session = session;
    this.#releases = session.state.records.release?.length ?? 0;
    this.#face.take(session.state);
    this.#subscribe((event) => this.#face.show(event));
  }

  #subscribe(listener: (event: SessionEvent) => void): void {
    this.#unsubscribe();
    this.#unsubscribe = this.session.subscribe(listener);
  }

  async #change({ session, starts }: Extract<Next, { kind: "session" }>): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    this.#take(session);
    const { id, options, outcome } = session.state;
    this.print(["", this.style.bold(`Session ${id}`), this.style.dim(`  ${options.task.split("\n")[0]}`)]);
    if (starts && outcome !== "published") this.#inbox.unshift({ kind: "turn", text: null });
  }

  print = (lines: readonly string[]): void => {
    if (this.#isPlain) this.#context.out(`${lines.join("\n")}\n`);
    else this.#face.print(lines);
  };

  pick = <Value>(title: string, choices: readonly Choice<Value>[]): Promise<Value | null> =>
    this.#face.ask(new Picker(title, choices));

  models = async (): Promise<readonly string[]> =>
    (await listModels(this.#context)).flatMap(({ ids }) => ids);

  takeModel = async (name: string): Promise<string> => {
    const signal = new AbortController().signal;
    const { model } = await resolveModel({ wanted: name, place: this.#context, signal });
    await this.session.append({ type: "options_changed", options: { model } });
    return model;
  };

  changeOptions = async (options: Partial<Pick<SessionOptions, "budget_usd">>): Promise<void> => {
    await this.session.append({ type: "options_changed", options });
  };

  compact = async (): Promise<void> => {
    await this.session.append({ type: "compaction_asked" });
    this.print([this.style.dim("The conversation is shortened before the model's next answer.")]);
  };

  tools = createTools;

  begin = async (task: string | null): Promise<void> => {
    const options = { ...this.#options, data: null, target: null };
    const session = await askForSession(this.#face, { task, options, context: this.#context });
    if (session !== null) this.#do({ kind: "session", session, starts: true });
  };

  resume = async (id: string): Promise<void> => {
    this.#do({ kind: "session", session: await Session.open(this.home, id), starts: true });
  };

  undo = async (name: string | null): Promise<string> => {
    const { session } = this;
    const step = findStep(await session.past(), name);
    await rewind({ session, step, signal: new AbortController().signal });
    this.#face.take(session.state);
    return `The session stands before step ${step.name}: ${step.title}. What was spent stays spent.`;
  };

  fork = async (name: string | null): Promise<void> => {
    const { session, home } = this;
    const step = name === null ? null : findStep(await session.past(), name);
    const id = await forkSession({ session, step, home, signal: new AbortController().signal });
    this.#do({ kind: "session", session: await Session.open(home, id), starts: false });
  };

  quit = (): void => {
    this.#stop();
    this.#do({ kind: "quit" });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#face.handle(null);
    await this.session[Symbol.asyncDispose]();
  }
}
