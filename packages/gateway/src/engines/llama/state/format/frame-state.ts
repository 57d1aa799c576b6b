import { writeCells } from "./cells.ts";
import { HEAD_BYTES, MAGIC, PART_BYTES, TOKEN_BYTES, VERSION } from "./state-file.ts";
import type { StateSection, StateShape } from "./state-shape.ts";

/** Gives the rows of one part, in pieces: one for each token, or one alone in a recurrent section. */
export type RowsOf = (place: { readonly section: number; readonly part: number }) => Iterable<Uint8Array>;

export interface FrameOptions {
  readonly shape: StateShape;
  readonly tokens: Uint32Array;
  readonly rows: RowsOf;
}

/**
 * Puts rows into the frame of a file that the context takes. The data go to the first of its sequences and the others
 * are empty: whichever sequence loads the file gets the data. The rows are not copied.
 */
export function frameState({ shape, tokens, rows }: FrameOptions): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [headOf(tokens)];
  for (const [index, section] of shape.sections.entries()) {
    const isAttention = section.kind === "attention";
    if (isAttention) {
      pieces.push(uint32s(shape.streams, tokens.length), writeCells(section.cells, tokens));
      pieces.push(uint32s(0, section.layers));
    } else pieces.push(uint32s(1, tokens.length - 1, 0, 0, section.layers));
    pieces.push(...parts(section, (part) => rows({ section: index, part })));
    if (isAttention) pieces.push(new Uint8Array(4 * (shape.streams - 1)));
  }
  return pieces.filter(({ byteLength }) => byteLength > 0);
}

function* parts(section: StateSection, rows: (part: number) => Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const [index, { type, rowBytes }] of section.parts.entries()) {
    const head = Buffer.alloc(PART_BYTES);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(rowBytes % 2 ** 32, 4);
    head.writeUInt32LE(Math.floor(rowBytes / 2 ** 32), 8);
    yield head;
    yield* rows(index);
  }
}

function headOf(tokens: Uint32Array): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES + tokens.length * TOKEN_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(VERSION, 4);
  head.writeUInt32LE(tokens.length, 8);
  tokens.forEach((token, index) => {
    head.writeUInt32LE(token, HEAD_BYTES + index * TOKEN_BYTES);
  });
  return head;
}

function uint32s(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, 4 * index);
  });
  return bytes;
}
