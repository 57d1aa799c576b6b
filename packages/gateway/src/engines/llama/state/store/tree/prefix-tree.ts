import type { Piece } from "../piece.ts";
import { childKey } from "./chain-key.ts";
import { beginningsAmong, commonTokens, placeAmong } from "./token-order.ts";
import { TreeNode, type TreeRoot } from "./tree-node.ts";

/** What is stored of a prompt's beginning. */
export interface Found {
  /** How many tokens of the prompt the blocks hold, from its beginning. */
  readonly length: number;
  /** In order. All are used whole but the last, of which only the part up to `length` fits the prompt. */
  readonly blocks: readonly Piece[];
  /** Pieces that hold the state of exactly a beginning of the prompt, the shortest first. */
  readonly boundaries: readonly Piece[];
}

/**
 * Prompts by their tokens. A node is a block of `blockTokens` tokens, or a last, shorter one; what prompts have in
 * common is there once. Every step compares the tokens themselves. Children stand in the order of their tokens, so that
 * the one with the longest common beginning is found by bisection, also where a prompt leaves a block in its middle.
 */
export class PrefixTree {
  readonly root: TreeNode;
  readonly #blockTokens: number;

  constructor(root: TreeRoot, blockTokens: number) {
    this.root = new TreeNode(null, { ...root, tokens: new Int32Array(0) });
    this.#blockTokens = blockTokens;
  }

  get isEmpty(): boolean {
    return this.root.children.length === 0;
  }

  find(tokens: Int32Array): Found {
    const blocks: Piece[] = [];
    const boundaries: Piece[] = [];
    let length = 0;
    let isUnbroken = true;
    let node = this.root;
    for (;;) {
      const limit = Math.min(this.#blockTokens, tokens.length - node.end);
      const place = placeAmong(node.children, tokens, node.end, limit);
      const child = limit === this.#blockTokens ? node.children[place] : undefined;
      if (isUnbroken && child?.block) {
        blocks.push(child.block);
        length = child.end;
      } else if (isUnbroken) {
        length += pushNearest(blocks, node, { tokens, limit, place });
        isUnbroken = false;
      }
      if (!child || node.children.length > 1) {
        const search = { tokens, start: node.end, limit: child ? limit - 1 : limit };
        for (const end of beginningsAmong(node.children, search).reverse()) {
          if (end.boundary) boundaries.push(end.boundary);
        }
      }
      if (!child) return { length, blocks, boundaries };
      if (child.boundary) boundaries.push(child.boundary);
      node = child;
    }
  }

  /** The node at the end of all these tokens, made where it is missing. */
  grow(tokens: Int32Array): TreeNode {
    let node = this.root;
    while (node.end < tokens.length) {
      const limit = Math.min(this.#blockTokens, tokens.length - node.end);
      const place = placeAmong(node.children, tokens, node.end, limit);
      node = node.children[place] ?? insert(node, tokens.slice(node.end, node.end + limit), -1 - place);
    }
    return node;
  }

  /** The node of a block right after `parent`, made where it is missing. */
  growBlock(parent: TreeNode, tokens: Int32Array): TreeNode {
    const place = placeAmong(parent.children, tokens, 0, tokens.length);
    return parent.children[place] ?? insert(parent, tokens, -1 - place);
  }
}

/** Takes a node out that holds nothing and leads nowhere, and then those above it; gives the root if it is left alone. */
export function prune(node: TreeNode): TreeNode | null {
  let last = node;
  while (last.parent && !last.block && !last.boundary && last.children.length === 0) {
    const { parent, tokens } = last;
    const place = placeAmong(parent.children, tokens, 0, tokens.length);
    if (parent.children[place] === last) parent.removeAt(place);
    last = parent;
  }
  return last.parent || last.children.length > 0 ? null : last;
}

function insert(parent: TreeNode, tokens: Int32Array, place: number): TreeNode {
  const child = new TreeNode(parent, { tokens, key: childKey(parent.key, tokens), owner: parent.owner });
  parent.insert(child, place);
  return child;
}

/** The shorter last blocks that a node begins with: what their blocks hold, the node's block holds too. */
export function beginningsOf({ parent, tokens }: TreeNode): readonly TreeNode[] {
  return beginningsAmong(parent?.children ?? [], { tokens, start: 0, limit: tokens.length - 1 });
}

/** Adds the child's block that has most in common with what comes next, and says how much that is. */
function pushNearest(
  blocks: Piece[],
  node: TreeNode,
  { tokens, limit, place }: { tokens: Int32Array; limit: number; place: number },
): number {
  const { children } = node;
  const isEqual = place >= 0;
  let left = isEqual ? place : -2 - place;
  let right = isEqual ? place + 1 : -1 - place;
  while (left >= 0 && !children[left]?.block) left--;
  while (right < children.length && !children[right]?.block) right++;
  const common = (child: TreeNode | undefined): number =>
    child ? commonTokens(child.tokens, tokens, node.end, limit) : 0;
  const [before, after] = [common(children[left]), common(children[right])];
  const nearest = children[before >= after ? left : right]?.block;
  if (nearest && Math.max(before, after) > 0) blocks.push(nearest);
  return Math.max(before, after);
}
