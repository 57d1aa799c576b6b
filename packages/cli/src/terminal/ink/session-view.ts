import type { LoggedEvent, PlanStep, SessionEvent, SessionState, TransientEvent } from "@ml-intern/intern";
import { describeRecord } from "../describe-record.ts";
import { describeRunEvent } from "../describe-run-event.ts";
import { describeSpent, type Spent } from "../describe-spent.ts";
import { duration } from "../format.ts";
import { failureCode, firstLine, withoutControls } from "../plain-text.ts";
import type { Style } from "../style.ts";
import { describeInput } from "./describe-input.ts";
import { ToolOutput } from "./tool-output.ts";

/** Lines of a finished call's output that stay; the rest is counted and can be opened. */
const COLLAPSED = 4;
/** Of what is being written, only the end is shown: more need not be remembered. */
const TAIL = 4_000;

/** The first argument of a call, where it is a short text that is written to its end. */
const ABOUT = /^\s*\{\s*"\w+"\s*:\s*"([^"\\]{1,60})"/;

export interface LiveCall {
  readonly id: string;
  readonly name: string;
  /** Arguments as they are written; null once the call runs. */
  json: string | null;
  /** Characters of them so far. */
  written: number;
  title: string;
  begun: number;
  /** Its title was printed already, because something else had to be. */
  announced: boolean;
  readonly output: ToolOutput;
}

export interface Said {
  readonly text: string;
  readonly hears: "next_step" | "next_turn";
}

/**
 * A session as a terminal shows it, folded from its events. What is finished is printed once and forgotten; what is
 * still going on is kept here, and is of bounded size.
 */
export class SessionView {
  readonly #print: (lines: readonly string[]) => void;
  readonly #style: Style;
  readonly #now: () => number;
  readonly calls: Map<string, LiveCall> = new Map();
  /** The end of what the model says, as far as it is not printed. */
  words = "";
  thinking = "";
  plan: readonly PlanStep[] = [];
  spent: Spent | null = null;
  /** What is done, in the words of whoever does it. */
  progress: string | null = null;
  remainingMs: number | null = null;
  working = false;
  begun = 0;
  iteration = 0;
  iterations = 0;
  model = "";
  /** What the person said and the model has not heard. */
  unheard: readonly Said[] = [];
  /** The newest output, running or finished. */
  newest: { readonly name: string; readonly output: ToolOutput } | null = null;

  constructor(options: { print: (lines: readonly string[]) => void; style: Style; now?: () => number }) {
    this.#print = options.print;
    this.#style = options.style;
    this.#now = options.now ?? Date.now;
  }

  /** Begins with what a session is, without printing its past. */
  take(state: SessionState): void {
    const { options, plan, iterations, spent, queued } = state;
    const { unpriced, usd, saved_usd, ...tokens } = spent;
    this.model = options.model;
    this.iterations = options.max_iterations;
    this.iteration = iterations;
    this.plan = plan;
    this.spent =
      tokens.input_tokens === 0
        ? null
        : { ...tokens, usd: unpriced ? null : usd, saved_usd: unpriced ? null : saved_usd };
    this.unheard = queued.map((text) => ({ text, hears: "next_turn" }));
    this.calls.clear();
    this.newest = null;
  }

  show(event: SessionEvent): void {
    if ("seq" in event) this.#showKept(event);
    else this.#showPassing(event);
  }

  #showPassing(event: TransientEvent): void {
    switch (event.type) {
      case "text_delta":
        this.thinking = "";
        this.#say(withoutControls(event.text));
        return;
      case "thinking_delta":
        this.thinking = (this.thinking + withoutControls(event.text)).slice(-TAIL);
        return;
      case "tool_input_delta":
        this.#endWords();
        this.#write(event);
        return;
      case "tool_output": {
        const call = this.calls.get(event.id);
        call?.output.add(event.text);
        if (call !== undefined) this.newest = call;
        return;
      }
      case "progress":
        this.progress = event.text;
        this.remainingMs = event.remaining_ms;
        return;
      case "spent":
        this.spent = event;
        return;
      default:
        event satisfies never;
    }
  }

  #showKept(event: LoggedEvent): void {
    switch (event.type) {
      case "turn_started":
        this.working = true;
        this.begun = this.#now();
        this.unheard = this.unheard.map(({ text }) => ({ text, hears: "next_step" }));
        if (event.turn > 1 && event.text !== null) this.#printSaid(event.text);
        return;
      case "said":
        this.unheard = [...this.unheard, event];
        return;
      case "options_changed":
        this.model = event.options.model ?? this.model;
        this.iterations = event.options.max_iterations ?? this.iterations;
        return;
      case "iteration_started":
        this.iteration = event.iteration;
        for (const { text, hears } of this.unheard) if (hears === "next_step") this.#printSaid(text);
        this.unheard = this.unheard.filter(({ hears }) => hears === "next_turn");
        return;
      case "assistant_message":
        this.#endWords();
        return;
      case "tool_started":
        if (event.name !== "plan") this.#start(event);
        return;
      case "tool_finished":
        this.#finish(event);
        return;
      case "compacted":
        this.#printLines([
          this.#style.dim(
            `The conversation was shortened: ${tokens(event.tokens_before)} → ${tokens(event.tokens_after)} tokens.`,
          ),
        ]);
        return;
      case "plan_updated":
        this.plan = event.steps;
        return;
      case "recorded":
        this.#printLines(describeRecord(event.kind, event.body, this.#style).map((line) => `  ${line}`));
        return;
      case "run_started":
      case "run_news":
        this.#printLines(describeRunEvent(event, this.#style).map((line) => `  ${line}`));
        return;
      case "notice":
        this.#printLines([
          event.level === "warn" ? this.#style.warning(`! ${event.text}`) : this.#style.dim(event.text),
        ]);
        return;
      case "turn_finished":
        this.#endTurn(event);
        return;
      default:
        return; // the other kept events are for resuming, not for reading
    }
  }

  #say(text: string): void {
    const lines = (this.words + text).split("\n");
    this.words = lines.pop() ?? "";
    if (lines.length > 0) this.#printLines(lines);
  }

  #endWords(): void {
    this.thinking = "";
    if (this.words.trim() !== "") this.#printLines([this.words]);
    this.words = "";
  }

  #write({ id, name, partial_json }: Extract<TransientEvent, { type: "tool_input_delta" }>): void {
    if (name === "plan") return; // shown as what it is once it is complete
    const call = this.calls.get(id) ?? this.#open(id, name);
    // What the call is about stands at its beginning.
    const about = ABOUT.exec(`${call.json ?? ""}${partial_json}`)?.[1];
    if (about !== undefined && call.title === call.name)
      call.title = `${call.name} ${withoutControls(about)}`;
    call.json = ((call.json ?? "") + partial_json).slice(-TAIL);
    call.written += partial_json.length;
  }

  #open(id: string, name: string): LiveCall {
    const call: LiveCall = {
      id,
      name: withoutControls(name),
      json: "",
      written: 0,
      title: withoutControls(name),
      begun: this.#now(),
      announced: false,
      output: new ToolOutput(),
    };
    this.calls.set(id, call);
    return call;
  }

  #start({ id, name, input }: Extract<LoggedEvent, { type: "tool_started" }>): void {
    const call = this.calls.get(id) ?? this.#open(id, name);
    call.json = null;
    call.title = `${call.name} ${describeInput(input)}`;
    call.begun = this.#now();
  }

  #finish({ id, name, content, is_error, ...event }: Extract<LoggedEvent, { type: "tool_finished" }>): void {
    const call = this.calls.get(id);
    this.calls.delete(id);
    // A plan, which is shown as what it is, or a call that was shown as stopped, and is dropped now.
    if (call === undefined && (!is_error || failureCode(content) === "tool/stopped")) return;
    const { dim, failure, tool } = this.#style;
    const took = event.duration_ms < 1_000 ? "" : dim(` ${duration(event.duration_ms)}`);
    const title = call?.title ?? withoutControls(name);
    const lines = call?.announced ? [] : [`${tool("→")} ${title}${took}`];
    const { lines: shown, before } = call?.output.last(COLLAPSED) ?? { lines: [], before: 0 };
    if (before > 0) lines.push(dim(`  │ … ${before.toLocaleString("en")} lines before (ctrl-o opens them)`));
    lines.push(...shown.map((line) => dim(`  │ ${line}`)));
    if (is_error) lines.push(failure(`  ✗ ${name}: ${withoutControls(firstLine(content))}`));
    this.#print(lines);
  }

  #endTurn({ outcome, cause }: Extract<LoggedEvent, { type: "turn_finished" }>): void {
    this.#endWords();
    for (const call of this.calls.values()) this.#print([this.#style.dim(`→ ${call.title} (did not end)`)]);
    this.calls.clear();
    this.working = false;
    this.progress = null;
    this.remainingMs = null;
    const lines: string[] = [];
    if (cause !== null)
      lines.push(
        this.#style.failure(`✗ ${withoutControls(cause.message)}`),
        `  ${withoutControls(cause.mend)}`,
      );
    const spent = this.spent === null ? "" : ` · ${describeSpent(this.spent)}`;
    lines.push(this.#style.dim(`${outcome} after ${duration(this.#now() - this.begun)}${spent}`));
    this.#print(lines);
  }

  #printSaid(text: string): void {
    const [first = "", ...rest] = withoutControls(text).split("\n");
    const { bold } = this.#style;
    this.#print(["", bold(`› ${first}`), ...rest.map((line) => bold(`  ${line}`))]);
  }

  /** What a running call does is told below its title. */
  #printLines(lines: readonly string[]): void {
    for (const call of this.calls.values()) {
      if (call.announced || call.json !== null) continue;
      call.announced = true;
      this.#print([`${this.#style.tool("→")} ${call.title}`]);
    }
    this.#print(lines);
  }
}

function tokens(count: number): string {
  return count.toLocaleString("en");
}
