import { Piece } from "../piece.ts";
import { childKey } from "../tree/chain-key.ts";
import { PrefixTree, prune } from "../tree/prefix-tree.ts";
import type { TreeNode } from "../tree/tree-node.ts";
import type { StoredFile } from "./read-folder.ts";

export interface Restored {
  /** By the keys of their roots. */
  readonly trees: ReadonlyMap<string, PrefixTree>;
  readonly pieces: readonly { readonly piece: Piece; readonly file: StoredFile }[];
  /** Files that cannot be used: their name is not the key of their tokens, or a block before them is missing. */
  readonly useless: readonly StoredFile[];
}

/** Makes the trees again from the heads of files. */
export function restoreTrees(files: readonly StoredFile[], blockTokens: number): Restored {
  const trees = new Map<string, PrefixTree>();
  for (const { rootKey, owner } of files) {
    if (!trees.has(rootKey)) trees.set(rootKey, new PrefixTree({ key: rootKey, owner }, blockTokens));
  }
  const placed = new Map<StoredFile, Piece>();
  const place = (file: StoredFile, node: TreeNode): void => {
    const piece = new Piece(node, file);
    node[file.kind] = piece;
    placed.set(file, piece);
  };

  const followers = groupByParent(files.filter(({ kind }) => kind === "block"));
  for (const [rootKey, tree] of trees) {
    const waiting: TreeNode[] = [tree.root];
    for (let parent = waiting.pop(); parent; parent = waiting.pop()) {
      for (const file of followers.get(parent.key) ?? []) {
        if (file.rootKey !== rootKey || childKey(parent.key, file.tokens) !== file.key) continue;
        const node = tree.growBlock(parent, file.tokens);
        place(file, node);
        if (file.tokens.length === blockTokens) waiting.push(node);
      }
    }
  }
  for (const file of files) {
    if (file.kind !== "boundary") continue;
    const tree = trees.get(file.rootKey) as PrefixTree;
    const node = tree.grow(file.tokens);
    if (node.key === file.key) place(file, node);
    else prune(node);
  }
  return {
    trees,
    pieces: [...placed].map(([file, piece]) => ({ piece, file })),
    useless: files.filter((file) => !placed.has(file)),
  };
}

function groupByParent(files: readonly StoredFile[]): ReadonlyMap<string, readonly StoredFile[]> {
  const groups = new Map<string, StoredFile[]>();
  for (const file of files) {
    const group = groups.get(file.parentKey);
    if (group) group.push(file);
    else groups.set(file.parentKey, [file]);
  }
  return groups;
}
