import type { FileHandle } from "node:fs/promises";
import { cellBytes, checkCells } from "./cells.ts";
import { StateError } from "./state-error.ts";
import { HEAD_BYTES, MAGIC, PART_BYTES, TOKEN_BYTES, UNIT_BYTES, VERSION } from "./state-file.ts";
import { StateReader } from "./state-reader.ts";
import {
  type CellKind,
  describeShape,
  type StatePart,
  type StateSection,
  type StateShape,
} from "./state-shape.ts";

/** Where a section's rows lie in a file. */
export interface SectionPlace {
  /** The tokens whose rows there are: `count` of them, from `first` to the last. One for a recurrent section. */
  readonly first: number;
  readonly count: number;
  /** Where each part's rows begin. */
  readonly rows: readonly number[];
}

export interface ParsedState {
  readonly tokens: Uint32Array;
  readonly sections: readonly SectionPlace[];
}

export interface ParseOptions {
  readonly shape: StateShape;
  /** A file that says it holds more tokens is not read further. */
  readonly mostTokens: number;
}

/**
 * Reads a file that llama.cpp saved, and checks every byte that is not a row itself: it must have the shape and end
 * where it must. llama.cpp checks much less, and may end the process over what it does not expect. Throws a
 * {@link StateError}.
 */
export async function parseState(
  file: FileHandle,
  { shape, mostTokens }: ParseOptions,
): Promise<ParsedState> {
  const plan = shape.sections.map(planOf);
  const read = await readState(file, { plan, streams: shape.streams, mostTokens });
  if (describeShape(read.shape) !== describeShape(shape)) {
    throw new StateError("foreign", "the state was saved by another model or with other settings");
  }
  return read;
}

/**
 * Learns the shape from a file that the context has just saved. Throws a {@link StateError} with the code `unsupported`
 * when the file cannot be read as any shape that is known.
 */
export async function learnShape(
  file: FileHandle,
  options: { readonly streams: number; readonly mostTokens: number },
): Promise<StateShape> {
  for (const plan of PLANS) {
    try {
      return (await readState(file, { plan, ...options })).shape;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
    }
  }
  throw new StateError("unsupported", "the state of this model is laid out in a way that is not known");
}

/** What has to be known of a section to read it. */
type SectionPlan = { readonly kind: "recurrent" } | AttentionPlan;

interface AttentionPlan {
  readonly kind: "attention";
  readonly isWindow: boolean;
  readonly cells: CellKind;
  readonly hasValues: boolean;
}

const ATTENTION: readonly Pick<AttentionPlan, "cells" | "hasValues">[] = [
  { cells: "position", hasValues: true },
  { cells: "place", hasValues: true },
  { cells: "position", hasValues: false },
  { cells: "place", hasValues: false },
];

const PLANS: readonly (readonly SectionPlan[])[] = ATTENTION.flatMap((attention) => {
  const full: SectionPlan = { kind: "attention", isWindow: false, ...attention };
  const window: SectionPlan = { kind: "attention", isWindow: true, ...attention };
  const recurrent: SectionPlan = { kind: "recurrent" };
  return [[full], [full, window], [recurrent], [full, recurrent], [full, window, recurrent]];
});

function planOf(section: StateSection): SectionPlan {
  if (section.kind === "recurrent") return { kind: "recurrent" };
  const { isWindow, cells, layers, parts } = section;
  return { kind: "attention", isWindow, cells, hasValues: parts.length > layers };
}

interface ReadOptions {
  readonly plan: readonly SectionPlan[];
  readonly streams: number;
  readonly mostTokens: number;
}

async function readState(
  file: FileHandle,
  { plan, streams, mostTokens }: ReadOptions,
): Promise<ParsedState & { readonly shape: StateShape }> {
  const reader = await StateReader.open(file);
  const head = await reader.bytes(HEAD_BYTES);
  if (head.readUInt32LE(0) !== MAGIC || head.readUInt32LE(4) !== VERSION) {
    throw new StateError("foreign", "the file is not a sequence state of the version that is known");
  }
  const count = head.readUInt32LE(8);
  if (count === 0) throw new StateError("damaged", "the state holds no tokens");
  if (count > mostTokens)
    throw new StateError("too_long", `the state holds ${count} of ${mostTokens} tokens`);
  const tokens = uint32s(await reader.bytes(count * TOKEN_BYTES));
  const read: { readonly section: StateSection; readonly place: SectionPlace }[] = [];
  for (const section of plan) {
    read.push(
      section.kind === "recurrent"
        ? await readRecurrent(reader, count)
        : await readAttention(reader, { plan: section, streams, tokens }),
    );
  }
  if (reader.remaining > 0) throw damaged(`${reader.remaining} bytes follow the state`);
  const shape = { streams, sections: read.map(({ section }) => section) };
  return { tokens, shape, sections: read.map(({ place }) => place) };
}

interface AttentionOptions {
  readonly plan: AttentionPlan;
  readonly streams: number;
  readonly tokens: Uint32Array;
}

async function readAttention(
  reader: StateReader,
  { plan: { isWindow, cells, hasValues }, streams, tokens }: AttentionOptions,
): Promise<{ readonly section: StateSection; readonly place: SectionPlace }> {
  if ((await reader.uint32()) !== streams) {
    throw new StateError("foreign", `the state is not one of a context with ${streams} sequences`);
  }
  let count = 0;
  let before = 0;
  while (count === 0 && before < streams) {
    count = await reader.uint32();
    before++;
  }
  if (count === 0 || count > tokens.length || (count < tokens.length && !isWindow)) {
    throw damaged(`${count} of ${tokens.length} tokens have a cell`);
  }
  checkCells(await reader.bytes(count * cellBytes(cells)), { kind: cells, tokens, streams });
  if ((await reader.uint32()) !== 0) throw new StateError("unsupported", "the values are transposed");
  const layers = await reader.uint32();
  // Where all layers have a window, there are none without.
  if (layers > MOST_LAYERS) throw damaged(`it has ${layers} layers`);
  const { parts, rows } = await readParts(reader, { parts: hasValues ? 2 * layers : layers, count });
  for (let stream = before; stream < streams; stream++) {
    if ((await reader.uint32()) !== 0) throw damaged("two sequences have cells");
  }
  const place = { first: tokens.length - count, count, rows };
  return { section: { kind: "attention", layers, parts, cells, isWindow }, place };
}

const MOST_LAYERS = 4096;

async function readRecurrent(
  reader: StateReader,
  tokens: number,
): Promise<{ readonly section: StateSection; readonly place: SectionPlace }> {
  const head = await reader.bytes(RECURRENT_HEAD_BYTES);
  if (head.readUInt32LE(0) !== 1) throw damaged("the state does not have one recurrent cell");
  if (head.readInt32LE(4) !== tokens - 1) throw damaged("the recurrent state is one of another position");
  if (head.readUInt32LE(8) !== 0) throw damaged("the recurrent cell belongs to several sequences");
  if (head.readUInt32LE(12) !== 0) throw new StateError("unsupported", "the recurrent state is transposed");
  const layers = head.readUInt32LE(16);
  if (layers > MOST_LAYERS) throw damaged(`it has ${layers} layers`);
  // Layers without a recurrent state are left out, so only the end of the file says how many parts there are.
  const parts: StatePart[] = [];
  const rows: number[] = [];
  while (reader.remaining > 0 && parts.length < 2 * layers) {
    const part = await readPart(reader);
    parts.push(part);
    rows.push(reader.skip(part.rowBytes));
  }
  return { section: { kind: "recurrent", layers, parts }, place: { first: tokens - 1, count: 1, rows } };
}

/** Cells, position, sequences, whether it is transposed, layers. */
const RECURRENT_HEAD_BYTES = 20;

async function readParts(
  reader: StateReader,
  { parts: wanted, count }: { readonly parts: number; readonly count: number },
): Promise<{ readonly parts: readonly StatePart[]; readonly rows: readonly number[] }> {
  const parts: StatePart[] = [];
  const rows: number[] = [];
  for (let index = 0; index < wanted; index++) {
    const part = await readPart(reader);
    if (part.rowBytes === 0) throw damaged("a layer has empty rows");
    parts.push(part);
    rows.push(reader.skip(part.rowBytes * count));
  }
  return { parts, rows };
}

async function readPart(reader: StateReader): Promise<StatePart> {
  const head = await reader.bytes(PART_BYTES);
  const type = head.readUInt32LE(0);
  const unit = UNIT_BYTES.get(type);
  if (unit === undefined) throw new StateError("foreign", `a layer is of the unknown type ${type}`);
  const rowBytes = head.readUInt32LE(4) + head.readUInt32LE(8) * 2 ** 32;
  if (rowBytes > reader.remaining || rowBytes % unit !== 0) throw damaged(`a row has ${rowBytes} bytes`);
  return { type, rowBytes };
}

function uint32s(bytes: Buffer): Uint32Array {
  const values = new Uint32Array(bytes.length / 4);
  for (let index = 0; index < values.length; index++) values[index] = bytes.readUInt32LE(index * 4);
  return values;
}

function damaged(what: string): StateError {
  return new StateError("damaged", `the state is damaged: ${what}`);
}
