import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How many inputs are kept. */
const KEPT = 500;

/** What the person wrote, this time and before. It lies in the home, readable by its owner only. */
export class InputHistory {
  readonly #path: string;
  readonly #entries: string[];
  #writing: Promise<void> = Promise.resolve();
  /** Where up and down are; at the end is what was being written. */
  #at: number;
  #draft = "";

  private constructor(path: string, entries: string[]) {
    this.#path = path;
    this.#entries = entries;
    this.#at = entries.length;
  }

  static async open(home: string): Promise<InputHistory> {
    const path = join(home, "history");
    const text = await readFile(path, "utf8").catch(() => ""); // nothing was written yet
    return new InputHistory(path, text.split("\n").flatMap(parse).slice(-KEPT));
  }

  /** Keeps it soon. A history that cannot be written is no reason to stop anybody. */
  add(text: string): void {
    if (text !== this.#entries.at(-1)) this.#entries.push(text);
    this.#entries.splice(0, this.#entries.length - KEPT);
    this.#at = this.#entries.length;
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
  }

  /** Resolves when everything is written. */
  written(): Promise<void> {
    return this.#writing;
  }

  /** The input before the shown one; null when there is none. */
  older(draft: string): string | null {
    if (this.#at === 0) return null;
    if (this.#at === this.#entries.length) this.#draft = draft;
    return this.#entries[--this.#at] ?? null;
  }

  /** The input after the shown one, at last what was being written; null when that is shown. */
  newer(): string | null {
    if (this.#at === this.#entries.length) return null;
    return this.#entries[++this.#at] ?? this.#draft;
  }

  async #write(): Promise<void> {
    const partial = `${this.#path}.${process.pid}.part`;
    const lines = this.#entries.map((entry) => `${JSON.stringify(entry)}\n`);
    await writeFile(partial, lines.join(""), { mode: 0o600 });
    await chmod(partial, 0o600);
    await rename(partial, this.#path);
  }
}

function parse(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "string" ? [entry] : [];
  } catch {
    return []; // a line that somebody broke
  }
}
