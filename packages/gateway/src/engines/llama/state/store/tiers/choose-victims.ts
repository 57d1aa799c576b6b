import type { Piece, TierName } from "../piece.ts";
import type { TreeNode } from "../tree/tree-node.ts";
import { heatAt, isPromised, worth } from "../worth.ts";
import { BinaryHeap } from "./binary-heap.ts";

/** A piece in memory that is on disk as well costs a read, not a computation: it counts as if used so much less (log2). */
const COPY_DISCOUNT = 2;

export interface Shortage {
  readonly tier: TierName;
  /** What the tier holds. */
  readonly residents: Iterable<Piece>;
  /** What a piece takes of the tier, in bytes. */
  readonly sizeOf: (piece: Piece) => number;
  /** Bytes to make free. */
  readonly needed: number;
  /** With less than this nothing is won, and nothing goes. */
  readonly atLeast: number;
  /** Bytes to make free beyond that, of what nobody is promised, so that the next shortage is not at once. */
  readonly spare: number;
  /** The first of the pieces to come in; null when room is made for its own sake. */
  readonly arrival: Piece | null;
  readonly now: number;
}

interface Candidate {
  readonly piece: Piece;
  readonly isPromised: boolean;
  readonly order: number;
}

/**
 * What leaves a tier to make room, in order: what is worth least first, what is promised last, a block never before those
 * that go on from it. What is used repeatedly does not leave for what has come once, nor what is promised for what is
 * not. Fewer bytes than needed may be found.
 */
export function chooseVictims(shortage: Shortage): readonly Piece[] {
  const { tier, residents, sizeOf, needed, atLeast, spare, arrival, now } = shortage;
  const waiting = new BinaryHeap<Candidate>(goesBefore);
  for (const piece of residents) {
    if (isLeaf(piece, tier, 0)) waiting.push(candidate(piece, tier, now));
  }
  const kept = arrival ? ancestors(arrival) : new Set<TreeNode>();
  const gone = new Map<TreeNode, number>();
  const victims: Piece[] = [];
  let freed = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { piece } = next;
    const isSpare = freed >= needed;
    if (isSpare && (next.isPromised || freed + sizeOf(piece) > needed + spare)) break;
    if (kept.has(piece.node) && isLastCopyNeeded(piece, tier)) continue;
    if (!mayGo(piece, shortage, next.isPromised)) continue;
    victims.push(piece);
    freed += sizeOf(piece);
    const parent = piece.kind === "block" ? piece.node.parent : null;
    if (!parent?.block) continue;
    gone.set(parent, (gone.get(parent) ?? 0) + 1);
    if (isIn(parent.block, tier) && isLeaf(parent.block, tier, gone.get(parent) ?? 0)) {
      waiting.push(candidate(parent.block, tier, now));
    }
  }
  return freed >= atLeast ? victims : [];
}

/** Whether a tier can lose it: nobody uses it, and what goes on from it is not cut off. */
function isLeaf(piece: Piece, tier: TierName, goneChildren: number): boolean {
  if (tier === "memory" && piece.leases > 0) return false;
  if (piece.kind === "boundary") return true;
  const { memoryChildren, diskChildren } = piece.node;
  const [here, there] = tier === "memory" ? [memoryChildren, diskChildren] : [diskChildren, memoryChildren];
  return here === goneChildren && (isInOther(piece, tier) || there === 0);
}

/** Files hold whole prefixes; in memory, a piece that is on disk too is no loss. */
function isLastCopyNeeded(piece: Piece, tier: TierName): boolean {
  return piece.kind === "block" && (tier === "disk" || !piece.isOnDisk);
}

function mayGo(piece: Piece, { tier, arrival, now }: Shortage, promised: boolean): boolean {
  if (!arrival || (tier === "memory" && piece.isOnDisk)) return true;
  if (promised) return isPromised(arrival, now) && piece.until <= arrival.until;
  return (
    isPromised(arrival, now) ||
    heatAt(piece, now) <= heatAt(arrival, now) ||
    worth(piece, now) <= worth(arrival, now)
  );
}

function candidate(piece: Piece, tier: TierName, now: number): Candidate {
  const promised = isPromised(piece, now);
  const discount = tier === "memory" && piece.isOnDisk ? COPY_DISCOUNT : 0;
  return { piece, isPromised: promised, order: promised ? piece.until : worth(piece, now) - discount };
}

function goesBefore(a: Candidate, b: Candidate): boolean {
  return a.isPromised === b.isPromised ? a.order < b.order : b.isPromised;
}

function isIn(piece: Piece, tier: TierName): boolean {
  return tier === "memory" ? piece.bytes !== null : piece.isOnDisk;
}

function isInOther(piece: Piece, tier: TierName): boolean {
  return tier === "memory" ? piece.isOnDisk : piece.bytes !== null;
}

function ancestors(piece: Piece): Set<TreeNode> {
  const found = new Set<TreeNode>();
  for (let node = piece.node.parent; node; node = node.parent) found.add(node);
  return found;
}
