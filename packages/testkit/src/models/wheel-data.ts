import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LONGEST_END = 22 + 65_535;
const DEFLATED = 8;

/** The contents of the largest file in a wheel, which is a ZIP archive. */
export async function wheelData(path: string): Promise<Readable> {
  const file = await open(path);
  try {
    const entry = await largestEntry(file);
    const { buffer: local } = await file.read(Buffer.alloc(30), 0, 30, entry.offset);
    const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const stored = createReadStream(path, { start, end: start + entry.storedBytes - 1 });
    return entry.method === DEFLATED ? stored.pipe(createInflateRaw()) : stored;
  } finally {
    await file.close();
  }
}

interface Entry {
  readonly method: number;
  readonly storedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

async function largestEntry(file: FileHandle): Promise<Entry> {
  const { size } = await file.stat();
  const length = Math.min(size, LONGEST_END);
  const { buffer: tail } = await file.read(Buffer.alloc(length), 0, length, size - length);
  const end = tail.lastIndexOf(uint32(END_OF_DIRECTORY));
  if (end < 0) throw new Error("not a ZIP archive");
  const directoryBytes = tail.readUInt32LE(end + 12);
  const directoryStart = tail.readUInt32LE(end + 16);
  const { buffer } = await file.read(Buffer.alloc(directoryBytes), 0, directoryBytes, directoryStart);
  const entries = [...directoryEntries(buffer)].sort((a, b) => b.bytes - a.bytes);
  if (!entries[0]) throw new Error("the archive is empty");
  return entries[0];
}

function* directoryEntries(directory: Buffer): Generator<Entry> {
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY) {
    yield {
      method: directory.readUInt16LE(at + 10),
      storedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    };
    at +=
      46 +
      directory.readUInt16LE(at + 28) +
      directory.readUInt16LE(at + 30) +
      directory.readUInt16LE(at + 32);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
