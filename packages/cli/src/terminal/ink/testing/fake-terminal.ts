import { EventEmitter } from "node:events";
import { createStyle } from "../../style.ts";
import { type FaceOptions, InkFace } from "../ink-face.ts";
import { InputHistory } from "../input-history.ts";
import { FakeScreen } from "./fake-screen.ts";

class FakeKeyboard extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;
  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
  setEncoding(): void {}
  resume(): void {}
  pause(): void {}
  ref(): void {}
  unref(): void {}
}

/** A keyboard and a screen that are no terminal: for tests of faces in this process. */
export class FakeTerminal {
  readonly stdin: FakeKeyboard = new FakeKeyboard();
  readonly stdout: FakeScreen;
  readonly face: InkFace;
  readonly #history: InputHistory;
  failure: unknown = null;

  private constructor(columns: number, rows: number, history: InputHistory) {
    this.#history = history;
    this.stdout = new FakeScreen(columns, rows);
    this.face = new InkFace({
      stdin: this.stdin as unknown as FaceOptions["stdin"],
      stdout: this.stdout as unknown as FaceOptions["stdout"],
      style: createStyle(false),
      history,
      onFailure: (error) => {
        this.failure = error;
      },
    });
  }

  static async open(options: { columns: number; rows?: number; home: string }): Promise<FakeTerminal> {
    const { columns, rows = 24, home } = options;
    const terminal = new FakeTerminal(columns, rows, await InputHistory.open(home));
    terminal.face.open();
    return terminal;
  }

  async close(): Promise<void> {
    this.face.close();
    await this.#history.written();
  }

  type(text: string): void {
    this.stdin.emit("data", text);
  }

  /** Resolves once the last frame shows the text; rejects with that frame when it does not come. */
  async until(text: string | RegExp): Promise<string> {
    for (let tries = 0; tries < 500; tries++) {
      const shown = this.stdout.text;
      if (typeof text === "string" ? shown.includes(text) : text.test(shown)) return shown;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${text} was not shown:\n${this.stdout.text}`);
  }
}
