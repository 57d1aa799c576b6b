import type { Piece } from "./piece.ts";
import { leaseOf, type StateLease } from "./state-lease.ts";
import type { StateOwner } from "./state-owner.ts";
import type { BackingTier } from "./tiers/backing-tier.ts";
import { MemoryTier } from "./tiers/memory-tier.ts";
import { PrefixTree, prune } from "./tree/prefix-tree.ts";
import type { TreeNode, TreeRoot } from "./tree/tree-node.ts";
import { countUse } from "./worth.ts";

/** Reads from disk that one restore has under way at once. */
const READS_AT_ONCE = 8;

/** What the states of an owner take. */
export interface HeldState extends StateOwner {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** All trees, and the tiers that hold what is in them. A piece is in the tree as long as some tier has it. */
export class StoreCore {
  readonly memory: MemoryTier;
  readonly now: () => number;
  readonly blockTokens: number;
  readonly #trees = new Map<string, PrefixTree>();
  #backing: BackingTier | null = null;

  constructor(options: { memoryLimit: number; blockTokens: number; now: () => number }) {
    this.now = options.now;
    this.blockTokens = options.blockTokens;
    this.memory = new MemoryTier({ limit: options.memoryLimit, onEvict: (piece) => this.settle(piece) });
  }

  get backing(): BackingTier | null {
    return this.#backing;
  }

  attach(backing: BackingTier, trees: ReadonlyMap<string, PrefixTree>): void {
    this.#backing = backing;
    for (const [key, tree] of trees) if (!tree.isEmpty) this.#trees.set(key, tree);
  }

  /** The tree of a root; an empty one is not kept until something grows in it. */
  tree(root: TreeRoot): PrefixTree {
    return this.#trees.get(root.key) ?? new PrefixTree(root, this.blockTokens);
  }

  /** Takes pieces into the tree, in order, as far as there is room; says how many. */
  admit(tree: PrefixTree, arrivals: readonly { piece: Piece; bytes: Uint8Array }[]): number {
    // In their places first: making room must not take out a node that they are about to have.
    for (const { piece } of arrivals) piece.node[piece.kind] = piece;
    const admitted = this.memory.admit(arrivals, this.now());
    for (const { piece } of arrivals.slice(0, admitted)) this.#backing?.save(piece);
    for (const { piece } of arrivals.slice(admitted).reverse()) this.settle(piece);
    if (admitted > 0) this.#trees.set(tree.root.key, tree);
    return admitted;
  }

  /** Counts a use of pieces; the last stands for the blocks before it where uses are written down. */
  use(used: readonly Piece[], until: number): void {
    const now = this.now();
    const pieces = used.filter((piece) => piece.isAlive);
    for (const piece of pieces) {
      countUse(piece, now, until);
      if (piece.isInMemory && !piece.isOnDisk) this.#backing?.save(piece);
    }
    const last = pieces.at(-1);
    if (last) this.#backing?.noteUse(last);
  }

  /** The bytes of pieces, up to the first that cannot be had. */
  async read(pieces: readonly Piece[], signal: AbortSignal | undefined): Promise<StateLease> {
    const states = pieces.map((piece) => piece.bytes);
    const held = pieces.filter((piece) => piece.isInMemory);
    for (const piece of held) piece.leases++;
    const lease = leaseOf(held, []);
    try {
      await this.#load(pieces, states, signal);
      signal?.throwIfAborted();
    } catch (error) {
      lease.release();
      throw error;
    }
    const missing = states.indexOf(null);
    const whole = missing < 0 ? states.length : missing;
    this.#promote(pieces.slice(0, whole), states);
    const mine = pieces.slice(0, whole).filter((piece, index) => piece.bytes === states[index]);
    for (const piece of mine) piece.leases++;
    lease.release();
    return leaseOf(mine, states.slice(0, whole) as Uint8Array[]);
  }

  async #load(
    pieces: readonly Piece[],
    states: (Uint8Array | null)[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const indices = pieces.keys();
    let hasFailed = false;
    const worker = async (): Promise<void> => {
      for (const index of indices) {
        if (hasFailed || signal?.aborted) return;
        const piece = pieces[index] as Piece;
        states[index] ??= piece.bytes ?? (await this.#backing?.load(piece)) ?? null;
        hasFailed ||= states[index] === null;
      }
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, worker));
  }

  /** What was read stays in memory where there is room for it. */
  #promote(pieces: readonly Piece[], states: readonly (Uint8Array | null)[]): void {
    const arrivals = pieces.flatMap((piece, index) => {
      const bytes = states[index];
      return bytes && piece.isAlive && !piece.isInMemory ? [{ piece, bytes }] : [];
    });
    this.memory.admit(arrivals, this.now());
  }

  /** Takes a piece out of the tree if no tier has it any more. */
  settle(piece: Piece): void {
    if (!piece.isGone || !piece.isAlive) return;
    this.#backing?.drop(piece);
    piece.node[piece.kind] = null;
    const emptied = prune(piece.node);
    if (emptied && this.#trees.get(emptied.key)?.root === emptied) this.#trees.delete(emptied.key);
  }

  /** Forgets a piece; if it is a block, those that go on from it as well, since nothing leads to them any more. */
  forget(piece: Piece): void {
    if (piece.kind === "block") {
      for (const { block } of nodesBelow(piece.node)) if (block) this.#forgetOne(block);
    }
    this.#forgetOne(piece);
  }

  #forgetOne(piece: Piece): void {
    this.memory.drop(piece);
    this.#backing?.drop(piece);
    this.settle(piece);
  }

  /** What each owner has, in tiers. An owner can have several trees, of settings that were changed. */
  *held(): Generator<HeldState> {
    for (const { root } of this.#trees.values()) {
      const pieces = nodesBelow(root).flatMap(({ block, boundary }) => [block, boundary].filter(isThere));
      const onDisk = pieces.filter(({ isOnDisk }) => isOnDisk);
      yield {
        ...root.owner,
        memoryBytes: sumOf(pieces.filter(({ isInMemory }) => isInMemory).map(({ size }) => size)),
        diskBytes: sumOf(onDisk.map((piece) => this.#backing?.sizeOf(piece) ?? 0)),
      };
    }
  }

  /** Forgets all that the owners have whom `isMeant` picks. */
  clear(isMeant: (owner: StateOwner) => boolean): void {
    for (const { root } of this.#trees.values()) {
      if (!isMeant(root.owner)) continue;
      for (const node of nodesBelow(root)) {
        if (node.block) this.#forgetOne(node.block);
        if (node.boundary) this.#forgetOne(node.boundary);
      }
    }
  }
}

function isThere(piece: Piece | null): piece is Piece {
  return piece !== null;
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The nodes below a node, the farthest first. */
function nodesBelow(node: TreeNode): readonly TreeNode[] {
  const nodes = [node];
  for (const each of nodes) for (const child of each.children) nodes.push(child);
  return nodes.slice(1).reverse();
}
