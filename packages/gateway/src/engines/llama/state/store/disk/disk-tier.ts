import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Piece } from "../piece.ts";
import type { BackingTier, DiskStats } from "../tiers/backing-tier.ts";
import { chooseVictims } from "../tiers/choose-victims.ts";
import type { StateFileSystem } from "./file-system.ts";
import { draftName, readPieceFile, removePieceFile, writePieceFile } from "./piece-file.ts";
import { fileLength, fileName } from "./state-file.ts";
import { type DiskSpace, UseJournal } from "./use-journal.ts";

/** After a failed write the disk is left alone for so long. */
const PAUSE_MS = 60_000;
/** Name of the journal of uses. */
export const JOURNAL = "uses";

export interface DiskTierOptions {
  readonly files: StateFileSystem;
  readonly folder: string;
  readonly limit: number;
  readonly blockTokens: number;
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Called when a piece has left for another. */
  readonly onEvict: (piece: Piece) => void;
  /** Called when a piece's file turned out not to be what was stored. */
  readonly onDamage: (piece: Piece) => void;
}

/**
 * Pieces in files. One task in the background removes and writes, one file at a time, so that what is used never exceeds
 * the limit: room is made before a write, and counts as used before the write begins. A file appears under its name when
 * it is whole; nothing is synced, since a file that a power cut damaged is noticed when it is read.
 */
export class DiskTier implements BackingTier {
  readonly #options: DiskTierOptions;
  readonly #residents = new Set<Piece>();
  readonly #unsaved = new Set<Piece>();
  readonly #removals = new Set<{ readonly name: string; readonly length: number }>();
  readonly #space: DiskSpace;
  readonly #journal: UseJournal;
  #damaged = 0;
  #evicted = 0;
  #failedAt: number | null = null;
  #hasWarned = false;
  #working: Promise<void> | null = null;
  #isClosed = false;

  /** Takes over what was found at start. */
  constructor(
    options: DiskTierOptions,
    { pieces, journalLength }: { readonly pieces: readonly Piece[]; readonly journalLength: number },
  ) {
    const { files, folder, limit } = options;
    this.#options = options;
    this.#space = { limit, used: journalLength };
    this.#journal = new UseJournal({
      files,
      path: join(folder, JOURNAL),
      space: this.#space,
      length: journalLength,
    });
    for (const piece of pieces) this.#enter(piece, fileLength(piece));
  }

  get stats(): DiskStats {
    return {
      used: this.#space.used,
      limit: this.#options.limit,
      pieces: this.#residents.size,
      evicted: this.#evicted,
      waiting: this.#unsaved.size,
      damaged: this.#damaged,
      isWritable: this.#failedAt === null,
    };
  }

  /** Ends when what is on disk keeps within the limit, which may be lower than the last time. */
  async trim(): Promise<void> {
    await this.#makeRoom(0, null);
  }

  save(piece: Piece): void {
    if (piece.isOnDisk || this.#unsaved.has(piece)) return;
    this.#unsaved.add(piece);
    this.#wake();
  }

  sizeOf(piece: Piece): number {
    return fileLength(piece);
  }

  drop(piece: Piece): void {
    this.#unsaved.delete(piece);
    this.#journal.forget(piece);
    if (!piece.isOnDisk) return;
    this.#leave(piece);
    this.#wake();
  }

  noteUse(piece: Piece): void {
    this.#journal.note(piece);
    this.#wake();
  }

  async settled(): Promise<void> {
    while (this.#working) await this.#working;
  }

  async close(): Promise<void> {
    this.#failedAt = null;
    this.#wake();
    await this.settled();
    this.#isClosed = true;
  }

  load(piece: Piece): Promise<Uint8Array | null> {
    piece.loading ??= this.#read(piece).finally(() => {
      piece.loading = null;
    });
    return piece.loading;
  }

  async #read(piece: Piece): Promise<Uint8Array | null> {
    if (!piece.isOnDisk) return null;
    const state = await readPieceFile(this.#options, piece);
    if (state !== "damaged") return state;
    if (piece.isOnDisk) {
      this.#damaged++;
      this.drop(piece);
      this.#options.onDamage(piece);
    }
    return null;
  }

  #wake(): void {
    // After the end the folder may be another's.
    if (!this.#isClosed) this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    await setImmediate(); // what woke it is an answer on its way
    while (!this.#isIdle()) {
      await this.#remove(); // first, or a file would be removed that was written anew under the same name
      if (this.#isPaused()) break;
      const [piece] = this.#unsaved;
      if (!piece) await this.#writeUses();
      // After a failure it stays the first: those that go on from it are of no use without it.
      else if (await this.#write(piece)) this.#unsaved.delete(piece);
    }
    this.#working = null; // at once after the last look, so that no later call finds it working
  }

  #isIdle(): boolean {
    return this.#unsaved.size === 0 && this.#removals.size === 0 && this.#journal.isEmpty;
  }

  /** Writes a piece, if it can be used there and there is room; false when the disk failed. */
  async #write(piece: Piece): Promise<boolean> {
    const { bytes } = piece;
    // Without the block before it, the file could not be used at the next start.
    const { block: before, parent } = piece.node.parent ?? { block: null, parent: null };
    const hasBeginning = piece.kind === "boundary" || parent === null || before?.isOnDisk === true;
    if (!piece.isAlive || !bytes || piece.isOnDisk || !hasBeginning) return true;
    const length = fileLength(piece);
    piece.leases++;
    try {
      if (!(await this.#makeRoom(length, piece))) return true;
      this.#space.used += length;
      const isWritten = await this.#writeFile(piece, bytes);
      if (!isWritten) return false;
      this.#space.used -= length; // `enter` counts it
      this.#enter(piece, length);
      if (!piece.isAlive || (before && !before.isOnDisk)) this.#leave(piece);
      return true;
    } finally {
      piece.leases--;
    }
  }

  async #writeFile(piece: Piece, bytes: Uint8Array): Promise<boolean> {
    try {
      await writePieceFile(this.#options, { piece, bytes });
      this.#failedAt = null;
      this.#hasWarned = false;
      return true;
    } catch (error) {
      const isRemoved = await removePieceFile(this.#options, draftName(piece));
      if (isRemoved) this.#space.used -= fileLength(piece);
      this.#fail(error);
      return false;
    }
  }

  /** Makes room for a file of this length; false when nothing may leave for it. */
  async #makeRoom(length: number, arrival: Piece | null): Promise<boolean> {
    const { limit, now, onEvict } = this.#options;
    const needed = this.#space.used + length - limit;
    if (needed <= 0) return true;
    const victims = chooseVictims({
      tier: "disk",
      residents: this.#residents,
      sizeOf: fileLength,
      needed,
      atLeast: arrival ? needed : 0,
      spare: arrival ? limit / 32 : 0,
      arrival,
      now: now(),
    });
    this.#evicted += victims.length;
    for (const victim of victims) {
      this.#leave(victim);
      onEvict(victim);
    }
    await this.#remove();
    return this.#space.used + length <= limit;
  }

  async #remove(): Promise<void> {
    for (const removal of this.#removals) {
      this.#removals.delete(removal);
      // What cannot be removed goes on to count.
      const isRemoved = await removePieceFile(this.#options, removal.name);
      if (isRemoved) this.#space.used -= removal.length;
    }
  }

  #enter(piece: Piece, length: number): void {
    this.#space.used += length;
    piece.isOnDisk = true;
    this.#residents.add(piece);
    if (piece.kind === "block" && piece.node.parent) piece.node.parent.diskChildren++;
  }

  #leave(piece: Piece): void {
    if (!this.#residents.delete(piece)) return;
    piece.isOnDisk = false;
    this.#removals.add({ name: fileName(piece), length: fileLength(piece) });
    if (piece.kind === "block" && piece.node.parent) piece.node.parent.diskChildren--;
  }

  async #writeUses(): Promise<void> {
    try {
      await this.#journal.write(this.#residents);
    } catch (error) {
      this.#fail(error);
    }
  }

  #isPaused(): boolean {
    if (this.#failedAt === null) return false;
    const passed = this.#options.now() - this.#failedAt;
    return passed >= 0 && passed < PAUSE_MS;
  }

  #fail(error: unknown): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#options.warn(
        `State could not be written to ${this.#options.folder} (${error instanceof Error ? error.message : error}). ` +
          "It stays in memory, and the disk is tried again in a minute. Free space there, or set a lower limit.",
      );
    }
    this.#failedAt = this.#options.now();
  }
}
