import type { FileHandle } from "node:fs/promises";
import { StateError } from "./state-error.ts";
import { readPieces } from "./vectored.ts";

/** Reads a file front to back. Nothing is read or allocated that lies beyond the end of the file. */
export class StateReader {
  readonly #file: FileHandle;
  readonly size: number;
  position = 0;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  static async open(file: FileHandle): Promise<StateReader> {
    return new StateReader(file, (await file.stat()).size);
  }

  get remaining(): number {
    return this.size - this.position;
  }

  /** Moves on, and says where it was. */
  skip(bytes: number): number {
    if (!(bytes <= this.remaining)) throw new StateError("damaged", "the state ends too soon");
    this.position += bytes;
    return this.position - bytes;
  }

  async bytes(count: number): Promise<Buffer> {
    const start = this.skip(count);
    const buffer = Buffer.allocUnsafe(count);
    await readFully(this.#file, [buffer], start);
    return buffer;
  }

  async uint32(): Promise<number> {
    return (await this.bytes(4)).readUInt32LE();
  }
}

/** Fills the buffers one after the other from the file, beginning at `position`. */
export async function readFully(
  file: FileHandle,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  if (await readPieces(file, buffers, position)) return;
  throw new StateError("damaged", "the state's file has become shorter");
}
