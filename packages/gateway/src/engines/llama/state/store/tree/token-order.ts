import type { TreeNode } from "./tree-node.ts";

/** How many tokens `block` has in common with `tokens` from `start` on, at most `limit`. */
export function commonTokens(block: Int32Array, tokens: Int32Array, start: number, limit: number): number {
  const end = Math.min(block.length, limit);
  let length = 0;
  while (length < end && block[length] === tokens[start + length]) length++;
  return length;
}

/**
 * Where the `limit` tokens from `start` on stand among children in the order of their tokens: the place of the equal
 * child, or `-1 - place` where it would be put in. The child that has most in common is then beside that place.
 */
export function placeAmong(
  children: readonly TreeNode[],
  tokens: Int32Array,
  start: number,
  limit: number,
): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compare((children[middle] as TreeNode).tokens, tokens, start, limit);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1 - low;
}

/** The children that these tokens begin with, the longest first. */
export function beginningsAmong(
  children: readonly TreeNode[],
  { tokens, start, limit }: { tokens: Int32Array; start: number; limit: number },
): TreeNode[] {
  const found: TreeNode[] = [];
  for (let rest = limit; rest > 0; ) {
    const place = placeAmong(children, tokens, start, rest);
    const child = children[place >= 0 ? place : -2 - place];
    if (!child) break;
    // Whatever stands before this child and is a beginning too is no longer than what this one has in common.
    const common = commonTokens(child.tokens, tokens, start, rest);
    const isBeginning = common === child.tokens.length;
    if (isBeginning) found.push(child);
    rest = isBeginning ? common - 1 : common;
  }
  return found;
}

function compare(block: Int32Array, tokens: Int32Array, start: number, limit: number): number {
  const common = commonTokens(block, tokens, start, limit);
  if (common === block.length || common === limit) return block.length - limit;
  return (block[common] as number) - (tokens[start + common] as number);
}
