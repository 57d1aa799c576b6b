import type { Piece } from "../piece.ts";
import { chooseVictims } from "./choose-victims.ts";

/** Pieces and their bytes, never more than the limit. */
export class MemoryTier {
  readonly limit: number;
  readonly #residents = new Set<Piece>();
  readonly #onEvict: (piece: Piece) => void;
  #used = 0;
  #evicted = 0;

  constructor({ limit, onEvict }: { limit: number; onEvict: (piece: Piece) => void }) {
    this.limit = limit;
    this.#onEvict = onEvict;
  }

  get used(): number {
    return this.#used;
  }

  get count(): number {
    return this.#residents.size;
  }

  /** Pieces that have made room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes in as many as it can make room for, in the order given, and says how many. */
  admit(arrivals: readonly { piece: Piece; bytes: Uint8Array }[], now: number): number {
    const [first] = arrivals;
    if (!first || first.piece.size > this.limit) return 0;
    this.#makeRoom(
      arrivals.reduce((sum, { piece }) => sum + piece.size, 0),
      first.piece,
      now,
    );
    let admitted = 0;
    for (const { piece, bytes } of arrivals) {
      if (this.#used + piece.size > this.limit) break;
      this.#hold(piece, bytes);
      admitted++;
    }
    return admitted;
  }

  #makeRoom(room: number, arrival: Piece, now: number): void {
    const needed = this.#used + room - this.limit;
    if (needed <= 0) return;
    const victims = chooseVictims({
      tier: "memory",
      residents: this.#residents,
      sizeOf: (piece) => piece.size,
      needed,
      atLeast: this.#used + arrival.size - this.limit,
      spare: this.limit / 32,
      arrival,
      now,
    });
    this.#evicted += victims.length;
    for (const victim of victims) {
      this.drop(victim);
      this.#onEvict(victim);
    }
  }

  #hold(piece: Piece, bytes: Uint8Array): void {
    piece.bytes = bytes;
    this.#used += piece.size;
    this.#residents.add(piece);
    if (piece.kind === "block" && piece.node.parent) piece.node.parent.memoryChildren++;
  }

  /** Forgets the bytes of a piece, if it has them. */
  drop(piece: Piece): void {
    if (!this.#residents.delete(piece)) return;
    piece.bytes = null;
    this.#used -= piece.size;
    if (piece.kind === "block" && piece.node.parent) piece.node.parent.memoryChildren--;
  }
}
