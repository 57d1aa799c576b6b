import type { FileHandle } from "node:fs/promises";

export interface Piece {
  readonly text: string;
  /** Bytes of the file at which the piece begins and ends, and all that it had. */
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** A piece of a file that may be growing: from a byte on, or, with null, its end. At most `most` bytes, cut at whole characters. */
export async function readPiece(file: FileHandle, from: number | null, most: number): Promise<Piece> {
  const { size: bytes } = await file.stat();
  const wanted = Math.min(from ?? Math.max(0, bytes - most), bytes);
  const buffer = Buffer.alloc(Math.min(most, bytes - wanted));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, wanted);
  const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
  let [start, end] = [0, bytesRead];
  while (start < Math.min(3, end) && isInside(buffer[start])) start++;
  // What follows may complete the last character: it is left for the next piece.
  const lead = buffer.subarray(Math.max(start, end - 4), end).findLastIndex((byte) => !isInside(byte));
  if (lead !== -1) {
    const at = Math.max(start, end - 4) + lead;
    const first = buffer[at] ?? 0;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (at + length > end) end = at;
  }
  return { text: buffer.toString("utf8", start, end), from: wanted + start, to: wanted + end, bytes };
}
