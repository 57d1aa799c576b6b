import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LineLog } from "@ml-intern/durable";

/** Between two writes: a busy server syncs once for many requests, an idle one at once for each. */
const SPACING_MS = 50;
/** Until the next try, while nothing can be written. */
const RETRY_MS = 1_000;
/** So many wait while they cannot be written; those that come after are lost. */
const MOST_WAITING = 100_000;

export interface UsageLogOptions {
  /** Made when it is missing. */
  readonly folder: string;
  /** Hears once that lines cannot be written, and once that they can be again. */
  readonly onTrouble: (message: string) => void;
}

export interface WaitingLine {
  /** Such as `2026-11`. */
  readonly month: string;
  /** Without a line feed. */
  readonly text: string;
}

/**
 * Appends lines to one file a month in a folder, `2026-11.<id>.jsonl`, where the id is this process's own: processes that
 * share a folder never write to the same file, and none touches what another one left. A line is on disk (written and
 * synced) as soon as the disk has done it, {@link SPACING_MS} later when many come, and when the log has been closed. While
 * nothing can be written, lines wait.
 */
export class UsageLog implements AsyncDisposable {
  readonly #options: UsageLogOptions;
  readonly #id = randomBytes(6).toString("hex");
  #waiting: WaitingLine[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #wroteAt = Number.NEGATIVE_INFINITY;
  #open: { readonly month: string; readonly file: LineLog } | null = null;
  #lost = 0;
  #inTrouble = false;
  #closed = false;

  constructor(options: UsageLogOptions) {
    this.#options = options;
  }

  /** Returns at once and never throws. */
  append(line: WaitingLine): void {
    if (this.#closed || this.#waiting.length >= MOST_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#writeSoon();
  }

  /** Writes what waits. Lines that come later are lost. */
  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#writing) await this.#writing;
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#write();
    this.#lost += this.#waiting.length;
    if (this.#lost > 0) this.#options.onTrouble(`The usage of ${requests(this.#lost)} was not kept.`);
    await this.#open?.file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #writeSoon(): void {
    if (this.#closed || this.#timer) return;
    const pause = this.#inTrouble ? RETRY_MS : SPACING_MS;
    const wait = Math.max(0, this.#wroteAt + pause - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, wait).unref();
  }

  /** Never rejects: what cannot be written waits on. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeMonths().finally(() => {
      this.#writing = null;
      this.#wroteAt = performance.now();
      if (this.#waiting.length > 0) this.#writeSoon();
    });
    return this.#writing;
  }

  async #writeMonths(): Promise<void> {
    const byMonth = new Map<string, WaitingLine[]>();
    for (const line of this.#waiting) {
      const lines = byMonth.get(line.month);
      if (lines) lines.push(line);
      else byMonth.set(line.month, [line]);
    }
    this.#waiting = [];
    for (const [month, lines] of byMonth) {
      try {
        const file = await this.#fileOf(month);
        // Appends that come together are one write and one sync.
        await Promise.all(lines.map(({ text }) => file.append(text)));
        this.#recovered();
      } catch (error) {
        this.#failed(error, lines);
      }
    }
  }

  async #fileOf(month: string): Promise<LineLog> {
    if (this.#open?.month === month) return this.#open.file;
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await LineLog.open(join(folder, `${month}.${this.#id}.jsonl`));
    const previous = this.#open;
    this.#open = { month, file };
    await previous?.file.close();
    return file;
  }

  #failed(error: unknown, unwritten: readonly WaitingLine[]): void {
    const all = [...unwritten, ...this.#waiting];
    this.#waiting = all.slice(0, MOST_WAITING);
    this.#lost += all.length - this.#waiting.length;
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
    this.#options.onTrouble(
      `Usage cannot be written: ${reason}. Answers go on; up to ${MOST_WAITING} requests wait to be written.`,
    );
  }

  #recovered(): void {
    if (!this.#inTrouble) return;
    this.#inTrouble = false;
    const missing = this.#lost === 0 ? "nothing is missing" : `that of ${requests(this.#lost)} is missing`;
    this.#options.onTrouble(`Usage is written again; ${missing}.`);
    this.#lost = 0;
  }
}

function requests(count: number): string {
  return `${count} ${count === 1 ? "request" : "requests"}`;
}
