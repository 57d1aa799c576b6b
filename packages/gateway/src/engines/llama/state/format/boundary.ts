import type { FileHandle } from "node:fs/promises";
import { frameState } from "./frame-state.ts";
import type { ParsedState } from "./parse-state.ts";
import { StateError } from "./state-error.ts";
import { readFully } from "./state-reader.ts";
import { rowBytes, type StateSection, type StateShape } from "./state-shape.ts";

/**
 * A whole state, for models that can only go on where it was saved: of each section with attention the first token
 * whose rows there are (32 bits), and then for every section the rows, part by part.
 */
export type BoundaryState = Uint8Array;

/** Reads a whole state out of a saved file, without what belongs to the frame. */
export async function readBoundary(
  file: FileHandle,
  { shape, parsed }: { readonly shape: StateShape; readonly parsed: ParsedState },
): Promise<BoundaryState> {
  const sizes = shape.sections.map((section, index) => bytesOf(section, parsed.sections[index]?.count ?? 0));
  const blob = Buffer.allocUnsafeSlow(sizes.reduce((sum, bytes) => sum + bytes, 0));
  let at = 0;
  for (const [index, section] of shape.sections.entries()) {
    const place = parsed.sections[index];
    if (!place) throw new RangeError("The state was parsed by another shape");
    if (section.kind === "attention") at = blob.writeUInt32LE(place.first, at);
    for (const [number, part] of section.parts.entries()) {
      const bytes = part.rowBytes * place.count;
      if (bytes > 0) await readFully(file, [blob.subarray(at, at + bytes)], place.rows[number] ?? 0);
      at += bytes;
    }
  }
  return blob;
}

export interface FrameBoundaryOptions {
  readonly shape: StateShape;
  /** All the tokens that the state was saved after. */
  readonly tokens: Uint32Array;
  readonly blob: BoundaryState;
}

/** The pieces of a file that holds the state. Throws a {@link StateError} when it cannot be one of the given tokens. */
export function frameBoundary({ shape, tokens, blob }: FrameBoundaryOptions): readonly Uint8Array[] {
  const sections = locate(blob, { shape, count: tokens.length });
  return frameState({
    shape,
    tokens,
    rows: ({ section, part }) => sections[section]?.[part] ?? [],
  });
}

/** Each section's parts in the blob, as the pieces that the file gets. */
function locate(
  blob: BoundaryState,
  { shape, count }: { readonly shape: StateShape; readonly count: number },
): readonly (readonly (readonly Uint8Array[])[])[] {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - at)
      throw new StateError("damaged", "the state is shorter than its tokens need");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const sections = shape.sections.map((section) => {
    if (section.kind === "recurrent") return section.parts.map((part) => [take(part.rowBytes)]);
    const first = take(FIRST_BYTES).readUInt32LE();
    if (first >= count || (first > 0 && !section.isWindow)) {
      throw new StateError("damaged", `the state begins at token ${first} of ${count}`);
    }
    // The layers with a window get rows for all tokens: those that no token will look at again are empty. Only then
    // has each token the place in memory that it has in a prompt that was read, and rounding depends on it.
    return section.parts.map((part) => [
      ...zeros(first * part.rowBytes),
      take((count - first) * part.rowBytes),
    ]);
  });
  if (at !== bytes.length) throw new StateError("damaged", "the state is longer than its tokens need");
  return sections;
}

const FIRST_BYTES = 4;
const ZEROS = new Uint8Array(1024 * 1024);

function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= ZEROS.length)
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

function bytesOf(section: StateSection, count: number): number {
  return section.kind === "recurrent" ? rowBytes(section) : FIRST_BYTES + count * rowBytes(section);
}
