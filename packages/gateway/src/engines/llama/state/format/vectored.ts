import type { FileHandle } from "node:fs/promises";

/** What the system takes in one call; of bytes it takes a little under 2 GiB. */
const MOST_BUFFERS = 1000;
const MOST_BYTES = 1024 ** 3;

/** Fills the pieces one after the other from the file. False when the file ends before they are full. */
export async function readPieces(
  file: FileHandle,
  pieces: readonly Uint8Array[],
  position: number,
): Promise<boolean> {
  let at = position;
  for (const { some, bytes } of batches(pieces)) {
    const { bytesRead } = await file.readv(some, at);
    if (bytesRead !== bytes) return false;
    at += bytes;
  }
  return true;
}

/** Writes the pieces one after the other from the beginning of the file, and returns their bytes. */
export async function writePieces(file: FileHandle, pieces: readonly Uint8Array[]): Promise<number> {
  let at = 0;
  for (const { some, bytes } of batches(pieces)) {
    const { bytesWritten } = await file.writev(some, at);
    if (bytesWritten !== bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes could be written`);
    at += bytes;
  }
  return at;
}

interface Batch {
  readonly some: readonly Uint8Array[];
  readonly bytes: number;
}

function* batches(pieces: readonly Uint8Array[]): Generator<Batch> {
  let some: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces.flatMap(smaller)) {
    if (some.length === MOST_BUFFERS || bytes + piece.byteLength > MOST_BYTES) {
      yield { some, bytes };
      [some, bytes] = [[], 0];
    }
    some.push(piece);
    bytes += piece.byteLength;
  }
  if (bytes > 0) yield { some, bytes };
}

function smaller(piece: Uint8Array): readonly Uint8Array[] {
  if (piece.byteLength <= MOST_BYTES) return [piece];
  return [piece.subarray(0, MOST_BYTES), ...smaller(piece.subarray(MOST_BYTES))];
}
