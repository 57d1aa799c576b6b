import { expect, it } from "vitest";
import { Piece } from "../piece.ts";
import { createRandom } from "../testing/random.ts";
import { childKey, rootKey } from "./chain-key.ts";
import { PrefixTree, prune } from "./prefix-tree.ts";
import { type TreeNode, tokensUpTo } from "./tree-node.ts";

const BLOCK = 4;
const tokens = (...numbers: number[]): Int32Array => Int32Array.from(numbers);

/** A tree in which each of these prompts is stored whole. */
function treeOf(...prompts: readonly Int32Array[]): PrefixTree {
  const tree = new PrefixTree({ key: "00".repeat(32), owner: { workspace: "w", model: "m" } }, BLOCK);
  for (const prompt of prompts) store(tree, prompt);
  return tree;
}

function store(tree: PrefixTree, prompt: Int32Array): void {
  let node: TreeNode | null = tree.grow(prompt);
  for (; node?.parent; node = node.parent) node.block ??= new Piece(node, { kind: "block", size: 1 });
}

it("finds the longest stored beginning, also where a prompt leaves a block in its middle", () => {
  const tree = treeOf(tokens(1, 2, 3, 4, 5, 6, 7, 8, 9), tokens(1, 2, 3, 4, 5, 6, 1, 1));
  expect(tree.find(tokens(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)).length).toBe(9);
  expect(tree.find(tokens(1, 2, 3, 4, 5, 6, 7, 9)).length).toBe(7);
  expect(tree.find(tokens(1, 2, 3, 4, 5)).length).toBe(5);
  expect(tree.find(tokens(1, 2, 9)).length).toBe(2);
  expect(tree.find(tokens(2, 2, 3, 4)).length).toBe(0);
  expect(tree.find(tokens()).length).toBe(0);
});

it("stores what prompts have in common once", () => {
  const tree = treeOf(tokens(1, 2, 3, 4, 5, 6, 7, 8), tokens(1, 2, 3, 4, 9, 9, 9, 9));
  const [first, second] = [tree.find(tokens(1, 2, 3, 4, 5)), tree.find(tokens(1, 2, 3, 4, 9))];
  expect(first.blocks[0]).toBe(second.blocks[0]);
  expect(tree.root.children).toHaveLength(1);
});

it("names the boundaries on the way, and only those that the prompt goes through", () => {
  const tree = treeOf();
  const ends = [tokens(1, 2), tokens(1, 2, 3), tokens(1, 2, 3, 4), tokens(1, 2, 3, 4, 5, 6), tokens(1, 3)];
  for (const end of ends) {
    const node = tree.grow(end);
    node.boundary = new Piece(node, { kind: "boundary", size: 1 });
  }
  const lengths = (...prompt: number[]): number[] =>
    tree.find(tokens(...prompt)).boundaries.map(({ end }) => end);
  expect(lengths(1, 2, 3, 4, 5, 6, 7)).toEqual([2, 3, 4, 6]);
  expect(lengths(1, 2, 3, 4, 5, 7)).toEqual([2, 3, 4]);
  expect(lengths(1, 2, 9)).toEqual([2]);
  expect(lengths(1)).toEqual([]);
});

it("takes out a node that holds nothing, and what only led to it", () => {
  const tree = treeOf(tokens(1, 2, 3, 4));
  prune(tree.grow(tokens(1, 2, 3, 4, 5, 6, 7, 8, 9)));
  expect(tree.find(tokens(1, 2, 3, 4, 5)).length).toBe(4);
  expect(tree.root.children[0]?.children).toHaveLength(0);
});

it("a key depends on every token before, and on model, workspace, name and block length", () => {
  const owner = { workspace: "b", model: "m" };
  const root = { fingerprint: "a", owner, blockTokens: 256 };
  const others = [
    { fingerprint: "ab" },
    { owner: { ...owner, workspace: "" } },
    { owner: { workspace: "m", model: "b" } },
    { blockTokens: 128 },
    { fingerprint: '","b' },
  ];
  const keys = [root, ...others.map((other) => ({ ...root, ...other }))].map(rootKey);
  expect(new Set(keys).size).toBe(keys.length);
  const [one, other] = [childKey(keys[0]!, tokens(1, 2)), childKey(keys[0]!, tokens(1, 3))];
  expect(one).not.toBe(other);
  expect(childKey(one, tokens(3))).not.toBe(childKey(other, tokens(3)));
});

it("agrees with a search through all prompts, for random ones", () => {
  const random = createRandom(7);
  const stored: Int32Array[] = [];
  const tree = treeOf();
  const prompt = (): Int32Array => {
    const start = stored.length > 0 && random.chance(0.7) ? random.pick(stored) : tokens();
    const kept = start.subarray(0, random.integer(start.length + 1));
    return tokens(...kept, ...Array.from({ length: random.integer(9) }, () => random.integer(3)));
  };
  for (let round = 0; round < 3000; round++) {
    const asked = prompt();
    const common = (other: Int32Array): number => {
      const at = other.findIndex((token, index) => token !== asked[index]);
      return at < 0 ? other.length : at;
    };
    const found = tree.find(asked);
    expect(found.length).toBe(Math.max(0, ...stored.map(common)));
    const last = found.blocks.at(-1);
    if (last)
      expect(tokensUpTo(last.node).subarray(0, found.length)).toEqual(asked.subarray(0, found.length));
    if (asked.length > 0 && random.chance(0.2)) {
      store(tree, asked);
      stored.push(asked);
    }
  }
});
