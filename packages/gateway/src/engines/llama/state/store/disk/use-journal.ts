import { crc32 } from "node:zlib";
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
const LINE_LENGTH = 160;

/**
 * The file in which uses and promises outlive the process: a line each time, the last one counts. Where there is no room
 * for a line it is left out.
 */
export class UseJournal {
  readonly #files: StateFileSystem;
  readonly #path: string;
  readonly #space: DiskSpace;
  readonly #noted = new Set<Piece>();
  #length: number;

  /** `length` is that of the file that is there, and is counted in `space` already. */
  constructor(options: { files: StateFileSystem; path: string; space: DiskSpace; length: number }) {
    this.#files = options.files;
    this.#path = options.path;
    this.#space = options.space;
    this.#length = options.length;
  }

  get isEmpty(): boolean {
    return this.#noted.size === 0;
  }

  note(piece: Piece): void {
    this.#noted.add(piece);
  }

  forget(piece: Piece): void {
    this.#noted.delete(piece);
  }

  /** Writes what was noted. What is on disk is `residents`. */
  async write(residents: ReadonlySet<Piece>): Promise<void> {
    const lines = textOf(new Set([...this.#noted].map(lastOnDisk)));
    this.#noted.clear();
    const whole = this.#length + lines.length;
    const isLong = whole > Math.min(SMALL, SHARE * this.#space.limit);
    if (!isLong || whole <= 2 * LINE_LENGTH * residents.size) return this.#append(lines);
    await this.#files.remove(this.#path).catch((error) => {
      if (errorCode(error) !== "ENOENT") throw error;
    });
    this.#count(-this.#length);
    await this.#append(textOf(residents));
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

/** The piece, or the last block before it that will be there at the next start. */
function lastOnDisk(piece: Piece): Piece {
  let last = piece;
  while (!last.isOnDisk && last.node.parent?.block) last = last.node.parent.block;
  return last;
}

function textOf(pieces: ReadonlySet<Piece>): string {
  return [...pieces]
    .filter((piece) => piece.isOnDisk)
    .map(useLine)
    .join("");
}

/** The line feed comes first, so that a line after one that was cut off is a line. */
function useLine(piece: Piece): string {
  const use = `${fileName(piece)} ${piece.usedAt} ${piece.until} ${piece.heat}`;
  return `\n${use} ${crc32(use)}`;
}

/** Lines that were cut off or damaged are left out: they only said how much a piece is worth. */
export function parseUses(text: string): readonly UseRecord[] {
  const records: UseRecord[] = [];
  for (const line of text.split("\n")) {
    const end = line.lastIndexOf(" ");
    if (end < 0 || line.slice(end + 1) !== String(crc32(line.slice(0, end)))) continue;
    const [name = "", usedAt, until, heat] = line.slice(0, end).split(" ");
    records.push({ name, usedAt: Number(usedAt), until: Number(until), heat: Number(heat) });
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
