import { open } from "node:fs/promises";

export type GgufMetadataValue =
  | string
  | number
  | boolean
  | readonly (string | number | boolean)[]
  /** An array that nothing here reads. */
  | null;

/** The head of a GGUF file: what it says about itself, and where its tensors end. */
export interface GgufHead {
  readonly metadata: ReadonlyMap<string, GgufMetadataValue>;
  readonly tensorCount: number;
  /** The bytes of the head itself, up to where its list of tensors ends. */
  readonly headBytes: number;
  /** The bytes that a whole file has at least; tensors of kinds that are not known count as empty. */
  readonly neededBytes: number;
}

/** A file that is not, or not any more, what GGUF says it must be. */
export class GgufError extends Error {
  override readonly name = "GgufError";
}

const MAGIC = "GGUF";
const FIRST_READ = 4 * 1024 * 1024;
const MAX_DIMENSIONS = 4;
/** More of either means that the file is damaged. */
const MAX_ENTRIES = 1_000_000;
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const MAX_ARRAY = 16_777_216;

/**
 * Reads the head of a GGUF file of version 2 or 3, little-endian. Throws a {@link GgufError} that says what is wrong
 * when the head is damaged or ends too soon. The tensors themselves are not read.
 */
export async function readGguf(path: string): Promise<GgufHead> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    // Nothing says how long the head is, so it is read again, four times as much, until it is all there.
    for (let length = Math.min(FIRST_READ, size); ; length = Math.min(length * 4, size)) {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
      try {
        return readHead(new Cursor(buffer));
      } catch (error) {
        if (!(error instanceof EndOfBuffer)) throw error;
        if (length === size) throw new GgufError("it ends within its own head, so it is cut off");
      }
    }
  } finally {
    await file.close();
  }
}

function readHead(cursor: Cursor): GgufHead {
  const magic = cursor.bytes(4).toString("latin1");
  if (magic !== MAGIC)
    throw new GgufError(`it begins with ${JSON.stringify(magic)} where "GGUF" is expected`);
  const version = cursor.uint32();
  if (version !== 2 && version !== 3)
    throw new GgufError(`it has version ${version}; versions 2 and 3 can be read`);
  const tensorCount = limited(cursor.uint64(), MAX_ENTRIES, "number of tensors");
  const entries = limited(cursor.uint64(), MAX_ENTRIES, "number of metadata entries");
  const metadata = new Map<string, GgufMetadataValue>();
  for (let entry = 0; entry < entries; entry++) {
    const key = cursor.text();
    metadata.set(key, readValue(cursor, { type: cursor.uint32(), wanted: !UNREAD_ARRAYS.has(key) }));
  }
  let dataBytes = 0;
  for (let tensor = 0; tensor < tensorCount; tensor++) {
    dataBytes = Math.max(dataBytes, readTensorEnd(cursor));
  }
  const alignment = metadata.get("general.alignment");
  const unit = typeof alignment === "number" && alignment > 0 ? alignment : 32;
  const headBytes = cursor.position;
  const neededBytes = Math.ceil(headBytes / unit) * unit + dataBytes;
  return { metadata, tensorCount, headBytes, neededBytes };
}

/** Where the tensor's data ends, counted from the start of all data. */
function readTensorEnd(cursor: Cursor): number {
  cursor.text();
  const dimensions = limited(cursor.uint32(), MAX_DIMENSIONS, "number of dimensions");
  let values = 1;
  for (let dimension = 0; dimension < dimensions; dimension++) values *= cursor.uint64();
  const layout = TENSOR_LAYOUTS.get(cursor.uint32());
  const offset = cursor.uint64();
  return offset + (layout ? (values / layout.values) * layout.bytes : 0);
}

interface ValueOptions {
  readonly type: number;
  /** Whether the items of an array are kept. */
  readonly wanted: boolean;
}

function readValue(cursor: Cursor, { type, wanted }: ValueOptions): GgufMetadataValue {
  if (type !== ARRAY) return readScalar(cursor, type);
  const itemType = cursor.uint32();
  const length = limited(cursor.uint64(), MAX_ARRAY, "length of an array");
  const itemBytes = SCALARS.get(itemType)?.bytes;
  if (!wanted && itemBytes !== undefined) cursor.skip(length * itemBytes);
  else if (!wanted && itemType === TEXT) for (let index = 0; index < length; index++) cursor.skipText();
  else if (itemType === ARRAY) {
    for (let index = 0; index < length; index++) readValue(cursor, { type: ARRAY, wanted: false });
  } else {
    return Array.from({ length }, () => readScalar(cursor, itemType));
  }
  return null;
}

function readScalar(cursor: Cursor, type: number): string | number | boolean {
  if (type === TEXT) return cursor.text();
  const scalar = SCALARS.get(type);
  if (!scalar) throw new GgufError(`it holds a value of the unknown kind ${type}`);
  return scalar.read(cursor.bytes(scalar.bytes));
}

function limited(value: number, limit: number, what: string): number {
  if (value > limit) throw new GgufError(`the ${what} is ${value}, so it is damaged`);
  return value;
}

/** Long, and of use to llama.cpp only. */
const UNREAD_ARRAYS: ReadonlySet<string> = new Set(["tokenizer.ggml.merges", "tokenizer.ggml.scores"]);

const TEXT = 8;
const ARRAY = 9;

const SCALARS: ReadonlyMap<number, { bytes: number; read: (from: Buffer) => number | boolean }> = new Map([
  [0, { bytes: 1, read: (from: Buffer) => from.readUInt8() }],
  [1, { bytes: 1, read: (from: Buffer) => from.readInt8() }],
  [2, { bytes: 2, read: (from: Buffer) => from.readUInt16LE() }],
  [3, { bytes: 2, read: (from: Buffer) => from.readInt16LE() }],
  [4, { bytes: 4, read: (from: Buffer) => from.readUInt32LE() }],
  [5, { bytes: 4, read: (from: Buffer) => from.readInt32LE() }],
  [6, { bytes: 4, read: (from: Buffer) => from.readFloatLE() }],
  [7, { bytes: 1, read: (from: Buffer) => from.readUInt8() !== 0 }],
  [10, { bytes: 8, read: (from: Buffer) => Number(from.readBigUInt64LE()) }],
  [11, { bytes: 8, read: (from: Buffer) => Number(from.readBigInt64LE()) }],
  [12, { bytes: 8, read: (from: Buffer) => from.readDoubleLE() }],
]);

/** How ggml lays out the usual kinds of tensors: so many values in so many bytes. */
const TENSOR_LAYOUTS: ReadonlyMap<number, { readonly values: number; readonly bytes: number }> = new Map([
  [0, { values: 1, bytes: 4 }], // F32
  [1, { values: 1, bytes: 2 }], // F16
  [2, { values: 32, bytes: 18 }], // Q4_0
  [3, { values: 32, bytes: 20 }], // Q4_1
  [6, { values: 32, bytes: 22 }], // Q5_0
  [7, { values: 32, bytes: 24 }], // Q5_1
  [8, { values: 32, bytes: 34 }], // Q8_0
  [10, { values: 256, bytes: 84 }], // Q2_K
  [11, { values: 256, bytes: 110 }], // Q3_K
  [12, { values: 256, bytes: 144 }], // Q4_K
  [13, { values: 256, bytes: 176 }], // Q5_K
  [14, { values: 256, bytes: 210 }], // Q6_K
  [16, { values: 256, bytes: 66 }], // IQ2_XXS
  [20, { values: 32, bytes: 18 }], // IQ4_NL
  [23, { values: 256, bytes: 136 }], // IQ4_XS
  [24, { values: 1, bytes: 1 }], // I8
  [26, { values: 1, bytes: 4 }], // I32
  [30, { values: 1, bytes: 2 }], // BF16
]);

class EndOfBuffer extends Error {}

class Cursor {
  readonly #buffer: Buffer;
  position = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Moves on, and says where it was. */
  skip(count: number): number {
    if (this.#buffer.length - this.position < count) throw new EndOfBuffer();
    this.position += count;
    return this.position - count;
  }

  bytes(count: number): Buffer {
    const start = this.skip(count);
    return this.#buffer.subarray(start, start + count);
  }

  uint32(): number {
    return this.#buffer.readUInt32LE(this.skip(4));
  }

  uint64(): number {
    const start = this.skip(8);
    return this.#buffer.readUInt32LE(start) + this.#buffer.readUInt32LE(start + 4) * 2 ** 32;
  }

  text(): string {
    const start = this.skipText();
    return this.#buffer.toString("utf8", start, this.position);
  }

  /** Moves on behind a text, and says where its first byte is. */
  skipText(): number {
    return this.skip(limited(this.uint64(), MAX_TEXT_BYTES, "length of a text"));
  }
}
