import type { Piece } from "../piece.ts";
import type { StateOwner } from "../state-owner.ts";

const NO_CHILDREN: TreeNode[] = [];

/** The empty prefix that a tree begins with. */
export interface TreeRoot {
  /** See `rootKey`. */
  readonly key: string;
  readonly owner: StateOwner;
}

/** A block of tokens after the blocks above it. Its key names the whole prefix up to its end. */
export class TreeNode {
  readonly parent: TreeNode | null;
  readonly tokens: Int32Array;
  /** Tokens from the beginning of the prompt to the end of this block. */
  readonly end: number;
  /** SHA-256 in hexadecimal. */
  readonly key: string;
  readonly owner: StateOwner;
  /** In the order of their tokens. */
  children: TreeNode[] = NO_CHILDREN;
  block: Piece | null = null;
  boundary: Piece | null = null;
  /** Children whose block is in memory. */
  memoryChildren = 0;
  /** Children whose block is on disk. */
  diskChildren = 0;

  constructor(parent: TreeNode | null, { tokens, key, owner }: TreeRoot & { readonly tokens: Int32Array }) {
    this.parent = parent;
    this.owner = owner;
    this.tokens = tokens;
    this.end = (parent?.end ?? 0) + tokens.length;
    this.key = key;
  }

  insert(child: TreeNode, place: number): void {
    if (this.children === NO_CHILDREN) this.children = [child];
    else this.children.splice(place, 0, child);
  }

  removeAt(place: number): void {
    if (this.children.length === 1) this.children = NO_CHILDREN;
    else this.children.splice(place, 1);
  }
}

/** All tokens from the beginning to the end of a node. */
export function tokensUpTo(node: TreeNode): Int32Array {
  const tokens = new Int32Array(node.end);
  for (let each: TreeNode | null = node; each !== null; each = each.parent) {
    tokens.set(each.tokens, each.end - each.tokens.length);
  }
  return tokens;
}
