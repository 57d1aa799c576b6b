/** A value of a GGUF file's metadata. Whole numbers become unsigned 32-bit ones. */
export type GgufValue =
  | string
  | number
  | boolean
  | { readonly float: number }
  | readonly string[]
  | { readonly int32s: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Innermost dimension first, as GGUF counts. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const ALIGNMENT = 32;
const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** The bytes of a GGUF file (version 3) with float32 tensors. */
export function encodeGguf(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Uint8Array {
  const entries = Object.entries(metadata);
  const head: Buffer[] = [Buffer.from("GGUF"), uint32(3), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) head.push(text(key), encodeValue(value));
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    head.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(0), uint64(offset));
    offset += aligned(values.byteLength);
  }
  const start = Buffer.concat(head);
  const file = new Uint8Array(aligned(start.length) + offset);
  file.set(start);
  let at = aligned(start.length);
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += aligned(values.byteLength);
  }
  return file;
}

function encodeValue(value: GgufValue): Buffer {
  if (typeof value === "string") return Buffer.concat([uint32(TYPE.string), text(value)]);
  if (typeof value === "boolean") return Buffer.concat([uint32(TYPE.bool), Buffer.from([value ? 1 : 0])]);
  if (typeof value === "number") return Buffer.concat([uint32(TYPE.uint32), uint32(value)]);
  if ("float" in value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value.float);
    return Buffer.concat([uint32(TYPE.float32), bytes]);
  }
  if ("int32s" in value) return array(TYPE.int32, value.int32s.map(int32));
  return array(TYPE.string, value.map(text));
}

function array(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(TYPE.array), uint32(type), uint64(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
