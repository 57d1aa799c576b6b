import type { SessionEvent, SessionState } from "@ml-intern/intern";
import { type Instance, render } from "ink";
import { createElement, type ReactElement } from "react";
import type { Style } from "../style.ts";
import { InputBox } from "./input-box.ts";
import type { InputHistory } from "./input-history.ts";
import { type Key, KeyReader } from "./key-reader.ts";
import { liveRows, type Size, statusRows } from "./live-rows.ts";
import type { Panel } from "./panel.ts";
import { type PrintedLines, Screen } from "./screen.tsx";
import { SessionView } from "./session-view.ts";
import { visibleWidth, wrapWords } from "./wrap-words.ts";

/** What the person wants; called by the face, never while it renders. */
export interface FaceHandlers {
  readonly onSay: (text: string, hears: "next_step" | "next_turn") => void;
  /** Escape, or Ctrl-C once. */
  readonly onInterrupt: () => void;
  /** Ctrl-C twice, or Ctrl-D on an empty input. */
  readonly onQuit: () => void;
  /** Commands that a beginning may mean, each with its help. */
  readonly commandsFor: (beginning: string) => readonly { readonly name: string; readonly help: string }[];
}

export interface FaceOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly style: Style;
  readonly history: InputHistory;
  /** The face is gone, by an error of its own. */
  readonly onFailure: (error: unknown) => void;
}

const FRAME_MS = 33;
/** How long an escape may be the beginning of a sequence that has not come whole. */
const ESCAPE_MS = 40;
const AGAIN_MS = 2_000;
const ERASE_UP = "\u001b[2K\u001b[1A";
const BRACKETED_PASTE = { on: "\u001b[?2004h", off: "\u001b[?2004l" };

/**
 * The face of a session at a terminal. It owns keyboard and screen from `open` to `close`, and nothing of the session: what
 * goes wrong in it ends the face alone. All state lies outside of React, so that no key sees an old one.
 */
export class InkFace {
  readonly view: SessionView;
  readonly #options: FaceOptions;
  readonly #keys = new KeyReader();
  readonly #input: InputBox;
  readonly #printed: PrintedLines[] = [];
  /** Lines that the next frame prints. */
  #unprinted: string[] = [];
  #handlers: FaceHandlers | null = null;
  readonly #unsaid: Parameters<FaceHandlers["onSay"]>[] = [];
  #instance: Instance | null = null;
  #panel: { readonly panel: Panel<unknown>; readonly settle: (answer: unknown) => void } | null = null;
  #showsPlan = true;
  #showsOutput = false;
  #interrupted = Number.NEGATIVE_INFINITY;
  #frame: NodeJS.Timeout | null = null;
  #rendered = 0;
  #escape: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #held = false;
  /** What is on the screen below what is printed. */
  #shown: { readonly rows: readonly string[]; readonly columns: number } = { rows: [], columns: 0 };

  constructor(options: FaceOptions) {
    const { style, history } = options;
    this.#options = options;
    this.view = new SessionView({ print: (lines) => this.#keep(lines), style });
    this.#input = new InputBox({ style, history, say: (...said) => this.#say(said) });
  }

  open(): void {
    const { stdin, stdout } = this.#options;
    stdin.setEncoding("utf8");
    stdin.setRawMode(true);
    stdin.on("data", this.#onData);
    stdin.resume();
    stdout.write(BRACKETED_PASTE.on);
    stdout.on("resize", this.#onResize);
    process.on("exit", this.close);
    this.#tick = setInterval(() => this.view.working && this.#schedule(), 1_000);
    this.#tick.unref();
    this.#instance = render(this.#screen(this.#rows()), {
      stdin,
      stdout,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 60,
    });
    this.#instance.waitUntilExit().catch((error: unknown) => this.#fail(error));
  }

  /** Gives keyboard and screen back; may be called twice. What is live is erased, what is printed stays. */
  close = (): void => {
    if (this.#instance === null) return;
    const { stdin, stdout } = this.#options;
    const instance = this.#instance;
    this.#render([]);
    this.#instance = null;
    clearInterval(this.#tick);
    clearTimeout(this.#escape);
    if (this.#frame !== null) clearTimeout(this.#frame);
    process.off("exit", this.close);
    stdin.off("data", this.#onData);
    stdout.off("resize", this.#onResize);
    this.#panel?.settle(null);
    instance.clear();
    instance.unmount();
    stdout.write(BRACKETED_PASTE.off);
    stdin.setRawMode(false);
    stdin.pause();
  };

  /** Who is told what the person wants, and has said while there was nobody to hear it; null for nobody. */
  handle(handlers: FaceHandlers | null): void {
    this.#handlers = handlers;
    if (handlers !== null) for (const said of this.#unsaid.splice(0)) handlers.onSay(...said);
  }

  #say(said: Parameters<FaceHandlers["onSay"]>): void {
    if (this.#handlers === null) this.#unsaid.push(said);
    else this.#handlers.onSay(...said);
  }

  take(state: SessionState): void {
    this.view.take(state);
    this.#schedule();
  }

  show(event: SessionEvent): void {
    if (this.#instance === null) return;
    try {
      this.view.show(event);
    } catch (error) {
      this.#fail(error);
    }
    this.#schedule();
  }

  print(lines: readonly string[]): void {
    this.#keep(lines);
    this.#schedule();
  }

  /** Gives the keyboard to a panel until it is answered; null when it is left, the signal aborts or the face is gone. */
  async ask<Answer>(panel: Panel<Answer | null>, signal?: AbortSignal): Promise<Answer | null> {
    if (this.#instance === null || signal?.aborted) return null;
    while (this.#panel !== null) await this.#panelIsDone();
    return await new Promise<Answer | null>((resolve) => {
      const leave = (): void => settle(null);
      const settle = (answer: unknown): void => {
        signal?.removeEventListener("abort", leave);
        this.#panel = null;
        // The panel's own type of answer comes back from its own `press`.
        resolve(answer as Answer | null);
        for (const wake of this.#waiting.splice(0)) wake();
        this.#schedule();
      };
      signal?.addEventListener("abort", leave);
      this.#panel = { panel, settle };
      this.#schedule();
    });
  }

  readonly #waiting: (() => void)[] = [];

  #panelIsDone(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lends keyboard and screen to something else, such as an editor. */
  async lend<Value>(borrower: () => Promise<Value>): Promise<Value> {
    const { stdin, stdout } = this.#options;
    this.#held = true;
    this.#instance?.clear();
    stdin.off("data", this.#onData);
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write(BRACKETED_PASTE.off);
    try {
      return await borrower();
    } finally {
      stdout.write(BRACKETED_PASTE.on);
      stdin.setRawMode(true);
      stdin.on("data", this.#onData);
      stdin.resume();
      this.#held = false;
      this.#schedule();
    }
  }

  #onData = (text: string): void => {
    clearTimeout(this.#escape);
    try {
      for (const key of this.#keys.read(text)) this.#press(key);
      if (this.#keys.waits) {
        this.#escape = setTimeout(() => {
          for (const key of this.#keys.flush()) this.#press(key);
          this.#schedule();
        }, ESCAPE_MS);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#schedule();
  };

  /** In a narrower terminal, rows have become several: those that Ink does not know of are erased before it erases its own. */
  #onResize = (): void => {
    const { stdout } = this.#options;
    const { rows, columns } = this.#shown;
    if (stdout.columns < columns) {
      const more = rows.map((row) => Math.max(0, Math.ceil(visibleWidth(row) / stdout.columns) - 1));
      stdout.write(ERASE_UP.repeat(more.reduce((sum, count) => sum + count, 0)));
    }
    this.#schedule();
  };

  #press(key: Key): void {
    const name = key.kind === "key" ? key.name : null;
    if (name === "interrupt") this.#interrupt();
    else if (name === "toggle_output") this.#showsOutput = !this.#showsOutput;
    else if (name === "toggle_plan") this.#showsPlan = !this.#showsPlan;
    else if (name === "redraw") this.#options.stdout.write("\u001b[2J\u001b[H");
    else if (this.#panel !== null) {
      const { panel, settle } = this.#panel;
      const answered = panel.press(key);
      if (answered !== null) settle(answered.answer);
    } else if (name === "escape" && this.#showsOutput) this.#showsOutput = false;
    else if (name === "escape") {
      if (this.view.working) this.#handlers?.onInterrupt();
    } else if (name === "end_of_input" && this.#input.isEmpty) {
      if (!this.view.working) this.#handlers?.onQuit();
    } else {
      const commandsFor = this.#handlers?.commandsFor ?? (() => []);
      this.#input.press(key, { working: this.view.working, commandsFor });
    }
  }

  #interrupt(): void {
    const now = performance.now();
    if (now - this.#interrupted < AGAIN_MS) {
      this.#panel?.settle(null);
      this.#handlers?.onQuit();
      return;
    }
    this.#interrupted = now;
    setTimeout(() => this.#schedule(), AGAIN_MS).unref();
    if (this.view.working) this.#handlers?.onInterrupt();
    else this.#input.clear();
  }

  #keep(lines: readonly string[]): void {
    const width = (this.#options.stdout.columns || 80) - 1;
    for (const text of lines) {
      for (const line of text.replaceAll("\r", "").replaceAll("\t", "    ").split("\n"))
        this.#unprinted.push(...wrapWords(line, width));
    }
  }

  #schedule(): void {
    if (this.#frame !== null || this.#instance === null || this.#held) return;
    const wait = Math.max(0, this.#rendered + FRAME_MS - performance.now());
    this.#frame = setTimeout(() => {
      this.#frame = null;
      if (this.#instance === null || this.#held) return;
      this.#rendered = performance.now();
      try {
        this.#render(this.#rows());
      } catch (error) {
        this.#fail(error);
      }
    }, wait);
  }

  #render(rows: readonly string[]): void {
    if (this.#unprinted.length > 0) {
      this.#printed.push({ key: this.#printed.length, text: this.#unprinted.join("\n") });
      this.#unprinted = [];
    }
    this.#shown = { rows, columns: this.#options.stdout.columns };
    this.#instance?.rerender(this.#screen(rows));
  }

  #screen(rows: readonly string[]): ReactElement {
    return createElement(Screen, { printed: this.#printed, rows });
  }

  #rows(): string[] {
    const { style, stdout } = this.#options;
    const size: Size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
    const now = Date.now();
    const look = {
      ...{ size, style, now },
      showsPlan: this.#showsPlan,
      showsOutput: this.#showsOutput,
    };
    const again = performance.now() - this.#interrupted < AGAIN_MS;
    const commandsFor = this.#handlers?.commandsFor ?? (() => []);
    const lower = [
      ...(this.view.model === "" ? [] : statusRows(this.view, look)),
      ...(this.#panel === null
        ? this.#input.rows({ size, working: this.view.working, unheard: this.view.unheard, commandsFor })
        : this.#panel.panel.rows({ size, style })),
      ...(again ? [style.warning("Ctrl-C again quits.")] : []),
    ];
    // A region as high as the screen would be written anew as a whole, with everything that was printed.
    const height = Math.max(0, size.rows - 1 - lower.length);
    const above = height > 1 ? liveRows(this.view, look, height - 1) : [];
    return [...(above.length > 0 && size.rows >= 20 ? [""] : []), ...above, ...lower].slice(-(size.rows - 1));
  }

  #fail(error: unknown): void {
    if (this.#instance === null) return;
    try {
      this.close();
    } catch {
      this.#instance = null; // it is broken already; what matters is who is told
    }
    this.#options.onFailure(error);
  }
}
