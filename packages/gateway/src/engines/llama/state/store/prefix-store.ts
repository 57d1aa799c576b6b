import { Piece, type StoredPiece } from "./piece.ts";
import type { StateLease } from "./state-lease.ts";
import type { StoreCore } from "./store-core.ts";
import { beginningsOf, type PrefixTree, prune } from "./tree/prefix-tree.ts";
import type { TreeNode } from "./tree/tree-node.ts";
import { countUse } from "./worth.ts";

export type Tokens = Int32Array | readonly number[];

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

/** The place of a block in a prompt: the tokens from `start` up to `end`. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
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
  /** Which blocks of a prompt are not stored yet, in order; the last may be shorter than the others. */
  missing(tokens: Tokens): readonly BlockRange[];
  /**
   * Stores blocks of a prompt, each by its first token, and says how many of them are stored now. A block is kept only
   * with all blocks before it. The bytes belong to the store from then on; nobody may change them.
   */
  add(
    tokens: Tokens,
    blocks: readonly { readonly start: number; readonly bytes: Uint8Array }[],
    options?: { readonly until?: number },
  ): number;
  /** Stores the state of a whole prompt, that cannot be cut; false when there is no room for it. */
  addBoundary(tokens: Tokens, bytes: Uint8Array, options?: { readonly until?: number }): boolean;
  /** Counts a use, and promises the pieces until a time (in milliseconds, on the store's clock). */
  touch(pieces: readonly StoredPiece[], options?: { readonly until?: number }): void;
  /** Forgets everything of this model and workspace. */
  clear(): void;
}

export function createPrefixStore(core: StoreCore, rootKey: string): PrefixStore {
  const { blockTokens } = core;
  const find = (tokens: Tokens): FoundPrefix => core.tree(rootKey).find(toInt32(tokens));
  return {
    find,
    read: async (pieces, { signal } = {}) => {
      const lease = await core.read(own(pieces), signal);
      core.use(own(pieces).slice(0, lease.states.length), 0);
      return lease;
    },
    missing: (tokens) => {
      const { length } = find(tokens);
      const ranges: BlockRange[] = [];
      if (length === tokens.length) return ranges;
      for (let start = length - (length % blockTokens); start < tokens.length; start += blockTokens) {
        ranges.push({ start, end: Math.min(start + blockTokens, tokens.length) });
      }
      return ranges;
    },
    add: (tokens, blocks, { until = 0 } = {}) => {
      const ordered = [...blocks].sort((a, b) => a.start - b.start);
      for (const block of ordered) check(block, tokens.length, blockTokens);
      return addBlocks(core, core.tree(rootKey), { tokens: toInt32(tokens), blocks: ordered, until });
    },
    addBoundary: (tokens, bytes, { until = 0 } = {}) => {
      if (tokens.length === 0 || bytes.length === 0)
        throw new RangeError("A boundary needs tokens and a state.");
      const tree = core.tree(rootKey);
      const node = tree.grow(toInt32(tokens));
      if (node.boundary) {
        core.use([node.boundary], until);
        return true;
      }
      const piece = newPiece(node, { kind: "boundary", size: bytes.length, until, now: core.now() });
      return core.admit(tree, [{ piece, bytes: ownBytes(bytes) }]) === 1;
    },
    touch: (pieces, { until = 0 } = {}) => core.use(own(pieces), until),
    clear: () => core.clear(rootKey),
  };
}

function addBlocks(
  core: StoreCore,
  tree: PrefixTree,
  {
    tokens,
    blocks,
    until,
  }: { tokens: Int32Array; blocks: readonly { start: number; bytes: Uint8Array }[]; until: number },
): number {
  const last = blocks.at(-1);
  if (!last) return 0;
  const end = tree.grow(tokens.subarray(0, Math.min(last.start + core.blockTokens, tokens.length)));
  const nodes = nodesByStart(end);
  const arrivals: { piece: Piece; bytes: Uint8Array }[] = [];
  const known: Piece[] = [];
  let before: TreeNode | null = null;
  for (const { start, bytes } of blocks) {
    const node = nodes.get(start) as TreeNode;
    if (node.block) known.push(node.block);
    else if (node.parent === before || node.parent === tree.root || node.parent?.block) {
      const piece = newPiece(node, { kind: "block", size: bytes.length, until, now: core.now() });
      for (const { block } of beginningsOf(node)) if (block) inherit(piece, block);
      arrivals.push({ piece, bytes: ownBytes(bytes) });
      before = node;
    } else break;
  }
  core.use(known, until);
  const admitted = core.admit(tree, arrivals);
  for (const { piece } of arrivals.slice(0, admitted)) forgetBeginnings(core, piece.node);
  prune(end);
  return known.length + admitted;
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

function nodesByStart(end: TreeNode): ReadonlyMap<number, TreeNode> {
  const nodes = new Map<number, TreeNode>();
  for (let node = end; node.parent; node = node.parent) nodes.set(node.parent.end, node);
  return nodes;
}

function check(
  { start, bytes }: { start: number; bytes: Uint8Array },
  length: number,
  blockTokens: number,
): void {
  if (start % blockTokens !== 0 || start < 0 || start >= length) {
    throw new RangeError(
      `A block cannot begin at token ${start} of ${length}: blocks have ${blockTokens} tokens.`,
    );
  }
  if (bytes.length === 0) throw new RangeError(`The block at token ${start} has no state.`);
}

/** Pieces are given out by `find` alone. */
function own(pieces: readonly StoredPiece[]): readonly Piece[] {
  return pieces as readonly Piece[];
}

function toInt32(tokens: Tokens): Int32Array {
  return tokens instanceof Int32Array ? tokens : Int32Array.from(tokens);
}

/** A view of a larger buffer would keep all of that in memory, uncounted. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
