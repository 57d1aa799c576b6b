import { StateError } from "./state-error.ts";
import type { CellKind } from "./state-shape.ts";

/**
 * A cell says which token its rows belong to: the position (32 bits, like all that follows), the number of sequences,
 * which is one, then the place of the kind that has one (column, row, token), then the sequence, which is not loaded.
 */
const CELL_BYTES: Readonly<Record<CellKind, number>> = { position: 12, place: 24 };

export function cellBytes(kind: CellKind): number {
  return CELL_BYTES[kind];
}

/** The cells of all tokens, in their order. */
export function writeCells(kind: CellKind, tokens: Uint32Array): Uint8Array {
  const bytes = Buffer.alloc(tokens.length * CELL_BYTES[kind]);
  let at = 0;
  for (const [position, token] of tokens.entries()) {
    at = bytes.writeInt32LE(position, at);
    at = bytes.writeUInt32LE(1, at);
    if (kind === "place") {
      at = bytes.writeInt32LE(position, at);
      at = bytes.writeInt32LE(position, at);
      at = bytes.writeUInt32LE(token, at);
    }
    at = bytes.writeUInt32LE(0, at);
  }
  return bytes;
}

export interface CheckCellsOptions {
  readonly kind: CellKind;
  readonly tokens: Uint32Array;
  readonly streams: number;
}

/**
 * Throws a {@link StateError} unless the cells are those of the last tokens, in their order, without a gap, and all of
 * one sequence.
 */
export function checkCells(cells: Buffer, { kind, tokens, streams }: CheckCellsOptions): void {
  const size = CELL_BYTES[kind];
  const sequence = cells.readUInt32LE(size - 4);
  if (sequence >= streams) throw damaged(`there is no sequence ${sequence}`);
  let position = tokens.length - cells.length / size;
  for (let at = 0; at < cells.length; at += size, position++) {
    if (cells.readInt32LE(at) !== position) throw damaged("the cells are not in the order of the tokens");
    if (cells.readUInt32LE(at + 4) !== 1) throw damaged("a cell belongs to several sequences");
    if (cells.readUInt32LE(at + size - 4) !== sequence) throw damaged("the cells are of several sequences");
    if (kind === "position") continue;
    const isInPlace = cells.readInt32LE(at + 8) === position && cells.readInt32LE(at + 12) === position;
    if (!isInPlace || cells.readUInt32LE(at + 16) !== tokens[position]) {
      throw damaged("a cell is not that of its token");
    }
  }
}

function damaged(what: string): StateError {
  return new StateError("damaged", `the state is damaged: ${what}`);
}
