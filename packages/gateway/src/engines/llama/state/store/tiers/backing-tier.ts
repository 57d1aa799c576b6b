import type { Piece } from "../piece.ts";

/** Where pieces stay when memory lets go of them. The disk is one; another can stand beside it behind the same interface. */
export interface BackingTier {
  /** Takes a copy of a piece that is in memory, in the background. Failures are its own: the piece then is in memory only. */
  save(piece: Piece): void;
  /** The bytes of a piece, or null when they are not there any more, or not what was stored; it is then let go of. */
  load(piece: Piece): Promise<Uint8Array | null>;
  /** Bytes that a piece takes here. */
  sizeOf(piece: Piece): number;
  /** Lets go of a piece. */
  drop(piece: Piece): void;
  /** Keeps in mind that the piece, and all blocks before it, were used. */
  noteUse(piece: Piece): void;
  /** Resolves when nothing more is to be done for now. */
  settled(): Promise<void>;
  /** Ends when everything that can be saved is. */
  close(): Promise<void>;
  readonly stats: DiskStats;
}

export interface DiskStats {
  /** Bytes of all files, those being written included. */
  readonly used: number;
  readonly limit: number;
  readonly pieces: number;
  /** Pieces that have made room for others. */
  readonly evicted: number;
  /** Pieces that are yet to be written. */
  readonly waiting: number;
  /** Pieces whose file was damaged, cut off or not there. */
  readonly damaged: number;
  /** False after a failure, until a write succeeds. */
  readonly isWritable: boolean;
}
