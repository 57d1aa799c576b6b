import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { ModelFile } from "../../models/check-model-file.ts";
import { describeShape, type StateShape } from "./state-shape.ts";

export interface FingerprintOptions {
  readonly file: ModelFile;
  readonly shape: StateShape;
  /** Tokens of one sequence. */
  readonly contextSize: number;
  /** The version of node-llama-cpp. */
  readonly library: string;
  readonly flashAttention: boolean;
  readonly swaFullCache: boolean;
  readonly loras?: readonly { readonly path: string; readonly scale: number }[];
  /** What is put over the model's own rotary embedding. */
  readonly rope?: { readonly frequencyBase?: number; readonly frequencyScale?: number };
}

/**
 * One digest of all that decides what the numbers in a state mean: states of contexts with the same fingerprint can
 * stand for one another, and others must never be loaded, since llama.cpp cannot tell two models of the same size
 * apart. Types of keys and values are part of the shape; the number of sequences does not matter.
 *
 * A model's files are known by their sizes, the times when they were written, their heads (metadata, with the
 * quantisation, and the list of tensors) and samples of their weights, so that it takes milliseconds, not a minute.
 * A copy that is written at another time is another model: it starts without a cache, which is the safe side.
 */
export async function stateFingerprint(options: FingerprintOptions): Promise<string> {
  const { file, shape, contextSize, loras = [], rope = {} } = options;
  const hash = createHash("sha256");
  for (const { path, headBytes } of file.parts) await addFile(hash, path, headBytes);
  for (const { path } of loras) await addFile(hash, path, 0);
  const settings = {
    shape: describeShape(shape),
    library: options.library,
    flashAttention: options.flashAttention,
    swaFullCache: options.swaFullCache,
    scales: loras.map(({ scale }) => scale),
    rope: [rope.frequencyBase ?? null, rope.frequencyScale ?? null],
    // Such models turn positions by other factors when the context is longer than they were first trained for.
    context: originalContext(file) === null ? null : contextSize,
  };
  return hash.update(JSON.stringify(settings)).digest("hex");
}

const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

async function addFile(hash: Hash, path: string, headBytes: number): Promise<void> {
  const file = await open(path);
  try {
    const { size, mtimeNs } = await file.stat({ bigint: true });
    hash.update(`file ${size} ${mtimeNs} ${headBytes}\n`);
    hash.update(await bytesAt(file, 0, headBytes));
    const step = Math.max(SAMPLE_BYTES, Math.floor((Number(size) - headBytes) / SAMPLES));
    for (let at = headBytes; at < size; at += step) hash.update(await bytesAt(file, at, SAMPLE_BYTES));
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function originalContext({ head }: ModelFile): number | null {
  const architecture = head.metadata.get("general.architecture");
  const value = head.metadata.get(`${String(architecture)}.rope.scaling.original_context_length`);
  return typeof value === "number" ? value : null;
}
