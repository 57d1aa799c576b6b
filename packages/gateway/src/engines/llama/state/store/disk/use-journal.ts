import type { Piece } from "../piece.ts";
import { errorCode } from "./error-code.ts";
import type { StateFileSystem } from "./file-system.ts";
import { fileName } from "./state-file.ts";

/** What is known about the use of a piece. */
export interface UseRecord {
  readonly name: string;
  readonly usedAt: number;
  readonly until: number;
  readonly heat: number;
}

/** What the files of a folder take, and may take. */
export interface DiskSpace {
  used: number;
  readonly limit: number;
}

/** The journal is written anew when it is longer than this, or its share of the limit, and twice what it would be then. */
const SMALL = 64 * 1024;
const SHARE = 1 / 32;
const LINE_LENGTH = 128;

/**
 * The file in which uses and promises outlive the process: a line each time, the last one counts. Where there is no room
 * for a line it is left out.
 */
export class UseJournal {
  readonly #files: StateFileSystem;
  readonly #path: string;
  readonly #space: DiskSpace;
  readonly #lines = new Map<Piece, string>();
  #length: number;

  /** `length` is that of the file that is there, and is counted in `space` already. */
  constructor(options: { files: StateFileSystem; path: string; space: DiskSpace; length: number }) {
    this.#files = options.files;
    this.#path = options.path;
    this.#space = options.space;
    this.#length = options.length;
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  note(piece: Piece): void {
    this.#lines.set(piece, useLine(piece));
  }

  forget(piece: Piece): void {
    this.#lines.delete(piece);
  }

  /** Writes what was noted. What is on disk is `residents`. */
  async write(residents: ReadonlySet<Piece>): Promise<void> {
    const lines = [...this.#lines.values()].join("");
    this.#lines.clear();
    const whole = this.#length + lines.length;
    const isLong = whole > Math.min(SMALL, SHARE * this.#space.limit);
    if (!isLong || whole <= 2 * LINE_LENGTH * residents.size) return this.#append(lines);
    await this.#files.remove(this.#path).catch((error) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
    this.#count(-this.#length);
    await this.#append([...residents].map(useLine).join(""));
  }

  async #append(lines: string): Promise<void> {
    if (this.#space.used + lines.length > this.#space.limit) return;
    this.#count(lines.length);
    await this.#files.append(this.#path, lines);
  }

  #count(bytes: number): void {
    this.#space.used += bytes;
    this.#length += bytes;
  }
}

function useLine(piece: Piece): string {
  return `${fileName(piece)} ${piece.usedAt} ${piece.until} ${piece.heat}\n`;
}

/** Lines that were cut off or damaged are left out: what they said was only how much a piece is worth. */
export function parseUses(text: string): readonly UseRecord[] {
  const records: UseRecord[] = [];
  for (const line of text.split("\n")) {
    const [name, ...numbers] = line.split(" ");
    const [usedAt, until, heat] = numbers.map(Number);
    if (!name || numbers.length !== 3 || numbers.includes("")) continue;
    if (!isNumber(usedAt) || !isNumber(until) || !isNumber(heat)) continue;
    records.push({ name, usedAt, until, heat });
  }
  return records;
}

/** A use of a piece is a use of all blocks before it. */
export function applyUse(piece: Piece, { usedAt, until, heat }: UseRecord): void {
  for (const each of withBlocksBefore(piece)) {
    each.usedAt = Math.max(each.usedAt, usedAt);
    each.until = Math.max(each.until, until);
    each.heat = Math.max(each.heat, heat);
  }
}

function* withBlocksBefore(piece: Piece): Generator<Piece> {
  yield piece;
  if (piece.kind === "boundary") return;
  for (let node = piece.node.parent; node?.block; node = node.parent) yield node.block;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && !Number.isNaN(value);
}
