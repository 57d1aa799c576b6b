import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

export interface TextFile {
  readonly encoding: TextEncoding;
  readonly sha256: string;
  readonly bytes: number;
  /** Both CR LF and plain LF occur, which DuckDB's reader does not take. */
  readonly mixedLineEnds: boolean;
}

const headBytes = 1 << 16;

/** The characters of Windows-1252 from 0x80 to 0x9f; U+FFFD where it has none. Node 20's decoder gives Latin-1 here. */
const windows1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ";
const unassigned = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Reads a whole file once: its digest, and the encoding that it can be read in without losing a character. */
export async function examineText(path: string, { signal }: { signal: AbortSignal }): Promise<TextFile> {
  const head = await readHead(path);
  const sixteen = sixteenBit(head);
  const hash = createHash("sha256");
  const decoder = new TextDecoder(sixteen ?? "utf-8", { fatal: true });
  const census = {
    bytes: 0,
    lines: 1,
    badLine: null as number | null,
    multibyte: 0,
    high: 0,
    unassigned: 0,
    feeds: 0,
    returns: 0,
  };
  let last = 0;
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 20,
    signal,
  }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    census.bytes += chunk.length;
    if (sixteen === null && chunk.includes(0)) throw notText(path, "it holds zero bytes");
    if (census.badLine === null) {
      try {
        decoder.decode(chunk, { stream: true });
      } catch {
        census.badLine = census.lines + lineOfFirstBadByte(chunk);
      }
      census.lines += countLines(chunk);
    }
    countBytes(chunk, { census, last });
    last = chunk.at(-1) ?? 0;
  }
  if (census.badLine === null) {
    try {
      decoder.decode();
    } catch {
      census.badLine = census.lines;
    }
  }
  const mixedLineEnds = census.returns > 0 && census.returns < census.feeds;
  const file = { sha256: hash.digest("hex"), bytes: census.bytes, mixedLineEnds };
  if (census.badLine === null) return { ...file, encoding: sixteen ?? "utf-8" };
  if (sixteen !== null)
    throw undecodable(path, `it begins like ${sixteen.toUpperCase()} but is not valid as that`);
  refuseBinary(head, path);
  if (census.multibyte > (census.high - census.multibyte) / 4) {
    throw undecodable(path, `it is UTF-8 with damaged bytes, the first of them in line ${census.badLine}`);
  }
  if (census.unassigned > 0) {
    throw undecodable(
      path,
      `it is neither UTF-8 nor Windows-1252 (first foreign byte in line ${census.badLine})`,
    );
  }
  return { ...file, encoding: "windows-1252" };
}

/** Writes a file again as UTF-8 with plain line ends. */
export async function transcode({
  from,
  to,
  encoding,
  signal,
}: {
  from: string;
  to: string;
  encoding: TextEncoding;
  signal: AbortSignal;
}): Promise<void> {
  async function* decode(): AsyncGenerator<string> {
    const source = createReadStream(from, { signal }) as AsyncIterable<Buffer>;
    let held = "";
    for await (const piece of decodeChunks(source, encoding)) {
      const text = held + piece;
      held = text.endsWith("\r") ? "\r" : "";
      yield text.slice(0, text.length - held.length).replaceAll("\r\n", "\n");
    }
    yield held;
  }
  try {
    await pipeline(Readable.from(decode()), createWriteStream(to), { signal });
  } catch (error) {
    throw toDiskFull(error, to);
  }
}

async function* decodeChunks(source: AsyncIterable<Buffer>, encoding: TextEncoding): AsyncGenerator<string> {
  if (encoding === "windows-1252") {
    for await (const chunk of source) {
      yield chunk
        .toString("latin1")
        .replace(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80] ?? char);
    }
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of source) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The first bytes of a file. */
export async function readHead(path: string, length: number = headBytes): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const signatures: readonly (readonly [string, string, string])[] = [
  ["1f8b", "a gzip archive", "Unpack it first: gunzip"],
  ["504b0304", "a zip archive or an Excel workbook", "Unpack it, or export the sheet as CSV"],
  ["25504446", "a PDF", "Export the table in it as CSV"],
  ["d0cf11e0", "an old Excel or Word file", "Export the sheet as CSV"],
  ["89504e47", "a PNG image", "Give the folder that holds one sub-folder of images per class"],
  ["ffd8ff", "a JPEG image", "Give the folder that holds one sub-folder of images per class"],
  ["53514c69", "a SQLite database", "Export the table as CSV"],
  ["894844460d0a", "an HDF5 file", "Export the table as CSV or Parquet"],
  ["934e554d5059", "a NumPy array", "Export it as CSV or Parquet"],
  ["28b52ffd", "a Zstandard archive", "Unpack it first: zstd -d"],
  ["425a68", "a bzip2 archive", "Unpack it first: bunzip2"],
  ["7f454c46", "a program", "Give the data file instead"],
];

/** Refuses a file that begins like something other than text. */
export function refuseBinary(head: Buffer, path: string): void {
  const hex = head.subarray(0, 8).toString("hex");
  const known = signatures.find(([start]) => hex.startsWith(start));
  if (known !== undefined) {
    throw new LabError("data/not_text", `${path} is ${known[1]}, not a table of text.`, {
      mend: `${known[2]}.`,
    });
  }
  let controls = 0;
  for (const byte of head)
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c) controls++;
  if (controls > head.length / 100) throw notText(path, "it holds control characters");
}

function notText(path: string, why: string): LabError {
  return new LabError("data/not_text", `${path} is not text: ${why}.`, {
    mend: "Give a CSV, TSV, JSON, JSONL or Parquet file, or a folder of images by class. `file PATH` tells what this one is.",
  });
}

function undecodable(path: string, why: string): LabError {
  return new LabError("data/encoding", `${path} cannot be decoded: ${why}.`, {
    mend: `Save it as UTF-8, for example: iconv -f SHIFT_JIS -t UTF-8 ${path} > utf8.csv (with the encoding that it was written in).`,
  });
}

function sixteenBit(head: Buffer): "utf-16le" | "utf-16be" | null {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const zeros = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > head.length / 3 && even < head.length / 50) return "utf-16le";
  if (even > head.length / 3 && odd < head.length / 50) return "utf-16be";
  return null;
}

interface ByteCensus {
  multibyte: number;
  high: number;
  unassigned: number;
  feeds: number;
  returns: number;
}

function countBytes(chunk: Buffer, { census, last }: { census: ByteCensus; last: number }): void {
  let before = last;
  for (const byte of chunk) {
    if (byte === 0x0a) {
      census.feeds++;
      if (before === 0x0d) census.returns++;
    } else if (byte >= 0x80) {
      census.high++;
      if (unassigned.has(byte)) census.unassigned++;
      if (byte <= 0xbf && before >= 0xc2 && before <= 0xf4) census.multibyte += 2;
    }
    before = byte;
  }
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}

function lineOfFirstBadByte(chunk: Buffer): number {
  const text = new TextDecoder().decode(chunk);
  const bad = text.indexOf("\ufffd");
  return bad === -1 ? 0 : text.slice(0, bad).split("\n").length - 1;
}
