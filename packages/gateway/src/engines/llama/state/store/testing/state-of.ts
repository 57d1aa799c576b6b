import type { StateOwner } from "../state-owner.ts";

/** Bytes of state of one token. */
export const ROW = 16;

/**
 * What an engine's state would be: a row for each token, that depends on all tokens up to it. Two states are equal only
 * if their prompts are.
 */
export function stateOf(
  tokens: ArrayLike<number>,
  { start, end }: { readonly start: number; readonly end: number },
): Uint8Array {
  const rows = new Uint32Array(((end - start) * ROW) / 4);
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let index = 0; index < end; index++) {
    a = Math.imul(a ^ ((tokens[index] ?? 0) + 1), 0x01000193) >>> 0;
    b = (Math.imul(b, 0x85ebca6b) + a + index) >>> 0;
    if (index >= start) rows.set([a, b, a ^ b, index], ((index - start) * ROW) / 4);
  }
  return new Uint8Array(rows.buffer);
}

/** The blocks of a prompt, from the one that begins at token `from`. */
export function blocksOf(tokens: ArrayLike<number>, from: number, blockTokens: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let start = from; start < tokens.length; start += blockTokens) {
    blocks.push(stateOf(tokens, { start, end: Math.min(start + blockTokens, tokens.length) }));
  }
  return blocks;
}

export const ownerOf = (workspace: string): StateOwner => ({ workspace, model: "m" });

/** Picks an owner by the workspace. */
export const isOf =
  (workspace: string) =>
  (owner: StateOwner): boolean =>
    owner.workspace === workspace;
