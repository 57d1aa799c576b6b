import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Piece } from "../piece.ts";
import { errorCode } from "./error-code.ts";
import type { StateFileSystem } from "./file-system.ts";
import { encodeHead, fileLength, fileName, isFileOf } from "./state-file.ts";

interface Place {
  readonly files: StateFileSystem;
  readonly folder: string;
  readonly blockTokens: number;
}

/** A read that fails so says nothing about the file. */
const PASSING = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR", "EBUSY"]);

/** The state in a piece's file; "damaged" when that is not what was stored, null when it could not be read this time. */
export async function readPieceFile(
  { files, folder, blockTokens }: Place,
  piece: Piece,
): Promise<Uint8Array | "damaged" | null> {
  const head = Buffer.allocUnsafe(fileLength(piece) - piece.size);
  const state = Buffer.allocUnsafeSlow(piece.size);
  try {
    const length = await files.read(join(folder, fileName(piece)), [head, state]);
    const isRight = length === fileLength(piece) && isFileOf(piece, { head, state, blockTokens });
    return isRight ? state : "damaged";
  } catch (error) {
    return PASSING.has(errorCode(error)) ? null : "damaged";
  }
}

/** Writes a piece's file, which appears under its name when it is whole. A failure can leave the draft. */
export async function writePieceFile(
  { files, folder, blockTokens }: Place,
  { piece, bytes }: { piece: Piece; bytes: Uint8Array },
): Promise<void> {
  const head = encodeHead(piece, { blockTokens, checksum: crc32(bytes) });
  const draft = join(folder, draftName(piece));
  await files.write(draft, [head, bytes]);
  await files.rename(draft, join(folder, fileName(piece)));
}

export function draftName(piece: Piece): string {
  return `${fileName(piece)}.tmp`;
}

/** False when the file is still there. */
export async function removePieceFile({ files, folder }: Place, name: string): Promise<boolean> {
  try {
    await files.remove(join(folder, name));
    return true;
  } catch (error) {
    return errorCode(error) === "ENOENT";
  }
}
