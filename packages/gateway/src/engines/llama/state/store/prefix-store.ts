import { Piece, type StoredPiece } from "./piece.ts";
import type { StateLease } from "./state-lease.ts";
import type { StoreCore } from "./store-core.ts";
import { beginningsOf, type PrefixTree, prune } from "./tree/prefix-tree.ts";
import type { TreeNode, TreeRoot } from "./tree/tree-node.ts";
import { countUse } from "./worth.ts";

export type Tokens = Int32Array | Uint32Array | readonly number[];

/** The longest stored beginning of a prompt. */
export interface FoundPrefix {
  /** How many tokens of the prompt the blocks hold, from its beginning. */
  readonly length: number;
  /**
   * The blocks, in order and without gaps. All but the last are used whole; the last goes on differently, or longer, than
   * the prompt when `length` is less than its `end`.
   */
  readonly blocks: readonly StoredPiece[];
  /** States of exactly a beginning of the prompt, the shortest first. */
  readonly boundaries: readonly StoredPiece[];
}

/** The states of one model's prompts in one workspace. Nothing in it is found from another workspace or model. */
export interface PrefixStore {
  /** What is stored of a prompt. Does not count as a use, and reads no file. */
  find(tokens: Tokens): FoundPrefix;
  /**
   * The bytes of what was found. A piece that is damaged or gone by now ends the list before it: fewer states than pieces
   * are a shorter hit, none a miss. Counts as a use. Rejects only when `signal` aborts.
   */
  read(pieces: readonly StoredPiece[], options?: { readonly signal?: AbortSignal }): Promise<StateLease>;
  /** Where the first block of a prompt begins that is not stored whole; its length when all of it is stored. */
  missing(tokens: Tokens): number;
  /**
   * Stores blocks of a prompt, in order from the one that begins at token `from` (default 0), and says how many of them
   * are stored now. A block is kept only with all blocks before it. The last block of a prompt can be shorter than the
   * others. The bytes belong to the store from then on; nobody may change them.
   */
  add(
    tokens: Tokens,
    blocks: readonly Uint8Array[],
    options?: { readonly from?: number; readonly until?: number },
  ): number;
  /** Stores the state of a whole prompt, that cannot be cut; false when there is no room for it. */
  addBoundary(tokens: Tokens, bytes: Uint8Array, options?: { readonly until?: number }): boolean;
  /** Counts a use, and promises the pieces until a time (in milliseconds, on the store's clock). */
  touch(pieces: readonly StoredPiece[], options?: { readonly until?: number }): void;
}

export function createPrefixStore(core: StoreCore, root: TreeRoot): PrefixStore {
  const { blockTokens } = core;
  const find = (tokens: Tokens): FoundPrefix => core.tree(root).find(toInt32(tokens));
  return {
    find,
    read: async (pieces, { signal } = {}) => {
      const lease = await core.read(own(pieces), signal);
      core.use(own(pieces).slice(0, lease.states.length), 0);
      return lease;
    },
    missing: (tokens) => {
      const { length } = find(tokens);
      return length === tokens.length ? length : length - (length % blockTokens);
    },
    add: (tokens, blocks, { from = 0, until = 0 } = {}) => {
      if (blocks.length === 0) return 0;
      check(blocks, { from, length: tokens.length, blockTokens });
      return addBlocks(core, core.tree(root), { tokens: toInt32(tokens), blocks, from, until });
    },
    addBoundary: (tokens, bytes, { until = 0 } = {}) => {
      if (tokens.length === 0 || bytes.length === 0)
        throw new RangeError("A boundary needs tokens and a state.");
      const tree = core.tree(root);
      const node = tree.grow(toInt32(tokens));
      if (node.boundary) {
        core.use([node.boundary], until);
        return true;
      }
      const piece = newPiece(node, { kind: "boundary", size: bytes.length, until, now: core.now() });
      const isAdded = core.admit(tree, [{ piece, bytes: ownBytes(bytes) }]) === 1;
      core.use([piece], until);
      return isAdded;
    },
    touch: (pieces, { until = 0 } = {}) => core.use(own(pieces), until),
  };
}

interface Addition {
  readonly tokens: Int32Array;
  readonly blocks: readonly Uint8Array[];
  readonly from: number;
  readonly until: number;
}

function addBlocks(core: StoreCore, tree: PrefixTree, { tokens, blocks, from, until }: Addition): number {
  const last = tree.grow(tokens.subarray(0, from + blocks.length * core.blockTokens));
  const arrivals: { piece: Piece; bytes: Uint8Array }[] = [];
  const known: Piece[] = [];
  const nodes = nodesFrom(last, from);
  const before = nodes[0]?.parent;
  if (before === tree.root || before?.block) {
    for (const [index, node] of nodes.entries()) {
      if (node.block) {
        known.push(node.block);
        continue;
      }
      const bytes = ownBytes(blocks[index] as Uint8Array);
      const piece = newPiece(node, { kind: "block", size: bytes.length, until, now: core.now() });
      for (const { block } of beginningsOf(node)) if (block) inherit(piece, block);
      arrivals.push({ piece, bytes });
    }
  }
  const added = arrivals.slice(0, core.admit(tree, arrivals)).map(({ piece }) => piece);
  for (const { node } of added) forgetBeginnings(core, node);
  core.use([...known, ...added], until);
  prune(last);
  return known.length + added.length;
}

/** A shorter last block is no more than a part of the longer one that is there now. */
function forgetBeginnings(core: StoreCore, node: TreeNode): void {
  for (const { block } of beginningsOf(node)) {
    if (block && block.leases === 0) core.forget(block);
  }
}

function inherit(piece: Piece, from: Piece): void {
  piece.until = Math.max(piece.until, from.until);
  piece.heat = Math.max(piece.heat, from.heat);
}

function newPiece(
  node: TreeNode,
  { kind, size, until, now }: { kind: Piece["kind"]; size: number; until: number; now: number },
): Piece {
  const piece = new Piece(node, { kind, size });
  countUse(piece, now, until);
  return piece;
}

/** The nodes from the one that begins at token `from`, in order. */
function nodesFrom(last: TreeNode, from: number): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let node = last; node.parent && node.end > from; node = node.parent) nodes.push(node);
  return nodes.reverse();
}

function check(
  blocks: readonly Uint8Array[],
  { from, length, blockTokens }: { from: number; length: number; blockTokens: number },
): void {
  const most = Math.ceil((length - from) / blockTokens);
  if (from < 0 || from % blockTokens !== 0 || blocks.length > Math.max(0, most)) {
    throw new RangeError(
      `There are no ${blocks.length} blocks of ${blockTokens} tokens from token ${from} of ${length} on.`,
    );
  }
  if (blocks.some((bytes) => bytes.length === 0)) throw new RangeError("A block has no state.");
}

/** Pieces are given out by `find` alone. */
function own(pieces: readonly StoredPiece[]): readonly Piece[] {
  return pieces as readonly Piece[];
}

function toInt32(tokens: Tokens): Int32Array {
  if (tokens instanceof Int32Array) return tokens;
  if (tokens instanceof Uint32Array) return new Int32Array(tokens.buffer, tokens.byteOffset, tokens.length);
  return Int32Array.from(tokens);
}

/** A view of a larger buffer would keep all of that in memory, uncounted. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
