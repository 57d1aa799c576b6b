import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nodeFileSystem } from "../../src/engines/llama/state/store/disk/file-system.ts";
import { readFolder } from "../../src/engines/llama/state/store/disk/read-folder.ts";
import { restoreTrees } from "../../src/engines/llama/state/store/disk/restore-trees.ts";
import { createStateStore } from "../../src/engines/llama/state/store/state-store.ts";
import { type TreeNode, tokensUpTo } from "../../src/engines/llama/state/store/tree/tree-node.ts";

export interface StateIndex {
  /** Tokens whose state is on disk. */
  readonly tokens: number;
  readonly diskBytesPerToken: number;
  /** In memory, for everything that is known of what is on disk. */
  readonly bytesPerToken: number;
  readonly openMs: number;
  /** Of prompts that go on from what is stored, each in milliseconds; and the processor's, which others do not disturb. */
  readonly lookUps: readonly number[];
  readonly processor: readonly number[];
}

const BLOCK_TOKENS = 256;
const LOOK_UPS = 2000;
const TURN = 1000;

/** Opens a folder of states that no process uses, and measures the index that is made of it. */
export async function indexOf(folder: string, { limit }: { readonly limit: number }): Promise<StateIndex> {
  const bytes = memory();
  const began = performance.now();
  await using store = await createStateStore({ memoryLimit: 0, disk: { folder, limit } });
  const openMs = performance.now() - began;
  const indexBytes = memory() - bytes;
  const used = store.stats().disk?.used ?? 0;

  // The same trees once more: the store itself does not show its own.
  const files = await readFolder({ files: nodeFileSystem, folder, blockTokens: BLOCK_TOKENS });
  const { trees, pieces } = restoreTrees(files, BLOCK_TOKENS);
  const tokens = pieces.reduce((sum, { piece: { start, end } }) => sum + end - start, 0);
  const ends = pieces.map(({ piece }) => piece.node).filter(({ children }) => children.length === 0);
  const processor: number[] = [];
  const lookUps = Array.from({ length: LOOK_UPS }, (_, index) => {
    const end = ends[(index * 7919) % ends.length];
    const tree = end && trees.get(rootOf(end).key);
    if (!tree) throw new Error(`${folder} holds no states`);
    const prompt = new Int32Array(end.end + TURN);
    prompt.set(tokensUpTo(end));
    const used = process.cpuUsage();
    const looked = performance.now();
    const { length } = tree.find(prompt);
    const ms = performance.now() - looked;
    const { user, system } = process.cpuUsage(used);
    processor.push((user + system) / 1000);
    if (length < end.end) throw new Error("What is stored was not found");
    return ms;
  });
  return {
    tokens,
    diskBytesPerToken: used / tokens,
    bytesPerToken: indexBytes / tokens,
    openMs,
    lookUps,
    processor,
  };
}

function rootOf(node: TreeNode): TreeNode {
  let root = node;
  while (root.parent) root = root.parent;
  return root;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes on and off the heap. */
function memory(): number {
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
