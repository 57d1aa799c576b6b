import type { TreeNode } from "./tree/tree-node.ts";

/** A block is the state of its own tokens; a boundary is the state of the whole prompt up to its end. */
export type PieceKind = "block" | "boundary";

/** A tier that can hold a piece. */
export type TierName = "memory" | "disk";

/** State that is stored, as those see it who use it. */
export interface StoredPiece {
  readonly kind: PieceKind;
  /** The first token that its state is of. */
  readonly start: number;
  /** The token after its last. */
  readonly end: number;
  /** Length of its state. */
  readonly size: number;
  /** Whether it can be had without reading a file. */
  readonly isInMemory: boolean;
}

/** State at a node of the tree: where it is, and what its use has been. In no tier, it is gone. */
export class Piece implements StoredPiece {
  readonly node: TreeNode;
  readonly kind: PieceKind;
  readonly size: number;
  bytes: Uint8Array | null = null;
  isOnDisk = false;
  /** Readers and writers of `bytes`: until they are done it stays in memory. */
  leases = 0;
  /** A read from disk that is under way. */
  loading: Promise<Uint8Array | null> | null = null;
  /** How often and how lately it was used; see `worth.ts`. */
  heat: number = Number.NEGATIVE_INFINITY;
  usedAt = 0;
  /** Until when it is promised to be there. */
  until = 0;

  constructor(node: TreeNode, { kind, size }: { kind: PieceKind; size: number }) {
    this.node = node;
    this.kind = kind;
    this.size = size;
  }

  get start(): number {
    return this.kind === "block" ? this.node.end - this.node.tokens.length : 0;
  }

  get end(): number {
    return this.node.end;
  }

  get isInMemory(): boolean {
    return this.bytes !== null;
  }

  /** False for a piece that was thrown out of the tree, or replaced. */
  get isAlive(): boolean {
    return this.node[this.kind] === this;
  }

  get isGone(): boolean {
    return this.bytes === null && !this.isOnDisk;
  }
}
