import type { PromptBlock } from "./prompt/prompt-block.ts";

/** Positions that one marker looks at, its own block included. */
const WINDOW = 20;

/**
 * The blocks at which an entry may be found, the longest prompt first: from each marker back over its window, beginning
 * with the last marker. A run of calls is one position, and so is a run of results; within a run every block is looked at.
 */
export function* lookback(blocks: readonly PromptBlock[]): Generator<number, void, undefined> {
  let lowest = blocks.length;
  for (let marker = blocks.length - 1; marker >= 0; marker--) {
    if (!blocks[marker]?.marker) continue;
    let positions = 0;
    for (let at = marker; at >= 0; at--) {
      if (at === marker || !isSameRun(blocks[at], blocks[at + 1])) positions++;
      if (positions > WINDOW) break;
      if (at >= lowest) continue;
      lowest = at;
      yield at;
    }
  }
}

function isSameRun(one: PromptBlock | undefined, next: PromptBlock | undefined): boolean {
  return one?.kind === next?.kind && (one?.kind === "tool_use" || one?.kind === "tool_result");
}
