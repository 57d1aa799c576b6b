import type { FileHandle } from "node:fs/promises";
import { frameState } from "./frame-state.ts";
import type { ParsedState } from "./parse-state.ts";
import { StateError } from "./state-error.ts";
import { readFully } from "./state-reader.ts";
import { type AttentionSection, BLOCK_TOKENS, cuttable, rowBytes, type StateShape } from "./state-shape.ts";

/**
 * A block holds the rows of {@link BLOCK_TOKENS} tokens in a row, or of fewer at the end of a prompt: the rows of the
 * first part, then those of the second, and so on. Nothing else; what a block means is known from elsewhere.
 */
export type StateBlock = Uint8Array;

export interface ReadBlocksOptions {
  readonly shape: StateShape;
  readonly parsed: ParsedState;
  /** Tokens, not blocks; `from` is where a block begins. */
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the blocks of the given tokens out of a saved file, and no other bytes of it. The last block is shorter when
 * `to` is not where a block ends.
 */
export async function readBlocks(
  file: FileHandle,
  { shape, parsed, from, to }: ReadBlocksOptions,
): Promise<readonly StateBlock[]> {
  const section = cuttableSection(shape);
  const place = parsed.sections[0];
  if (place?.first !== 0 || from % BLOCK_TOKENS !== 0 || !(from <= to && to <= place.count)) {
    throw new RangeError(`There are no blocks of the tokens ${from} to ${to}`);
  }
  const bytes = rowBytes(section);
  const blocks: Buffer[] = [];
  for (let at = from; at < to; at += BLOCK_TOKENS) {
    blocks.push(Buffer.allocUnsafeSlow(Math.min(BLOCK_TOKENS, to - at) * bytes));
  }
  let before = 0;
  for (const [index, part] of section.parts.entries()) {
    const pieces = blocks.map((block) => partOf(block, { bytes, before, rowBytes: part.rowBytes }));
    await readFully(file, pieces, (place.rows[index] ?? 0) + from * part.rowBytes);
    before += part.rowBytes;
  }
  return blocks;
}

export interface FrameBlocksOptions {
  readonly shape: StateShape;
  readonly tokens: Uint32Array;
  /** The last may hold more tokens than are wanted of it. */
  readonly blocks: readonly StateBlock[];
}

/** The pieces of a file that holds the given tokens. Throws a {@link StateError} when the blocks cannot be theirs. */
export function frameBlocks({ shape, tokens, blocks }: FrameBlocksOptions): readonly Uint8Array[] {
  const section = cuttableSection(shape);
  checkBlocks(blocks, { bytes: rowBytes(section), count: tokens.length });
  return frameState({
    shape,
    tokens,
    rows: ({ part }) => partRows(section, { part, blocks, count: tokens.length }),
  });
}

function* partRows(
  section: AttentionSection,
  options: { readonly part: number; readonly blocks: readonly StateBlock[]; readonly count: number },
): Generator<Uint8Array> {
  const { part, blocks, count } = options;
  const bytes = rowBytes(section);
  const before = section.parts.slice(0, part).reduce((sum, each) => sum + each.rowBytes, 0);
  const own = section.parts[part]?.rowBytes ?? 0;
  for (const [index, block] of blocks.entries()) {
    const rows = partOf(block, { bytes, before, rowBytes: own });
    yield rows.subarray(0, Math.min(BLOCK_TOKENS, count - index * BLOCK_TOKENS) * own);
  }
}

function checkBlocks(
  blocks: readonly StateBlock[],
  { bytes, count }: { readonly bytes: number; readonly count: number },
): void {
  const wanted = Math.ceil(count / BLOCK_TOKENS);
  if (count === 0 || blocks.length !== wanted) {
    throw new StateError("damaged", `there are ${blocks.length} blocks for ${count} tokens`);
  }
  for (const [index, { byteLength }] of blocks.entries()) {
    const needed = Math.min(BLOCK_TOKENS, count - index * BLOCK_TOKENS);
    const held = byteLength / bytes;
    if (!Number.isInteger(held) || held < needed || held > BLOCK_TOKENS) {
      throw new StateError(
        "damaged",
        `block ${index} has ${byteLength} bytes, not those of ${needed} tokens`,
      );
    }
  }
}

/** One part's rows in a block. */
function partOf(
  block: Uint8Array,
  options: { readonly bytes: number; readonly before: number; readonly rowBytes: number },
): Uint8Array {
  const held = block.byteLength / options.bytes;
  return block.subarray(held * options.before, held * (options.before + options.rowBytes));
}

function cuttableSection(shape: StateShape): AttentionSection {
  const section = cuttable(shape);
  if (!section) throw new StateError("unsupported", "the state of this model cannot be cut into blocks");
  return section;
}
