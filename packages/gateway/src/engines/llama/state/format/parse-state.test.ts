import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frameBlocks, readBlocks } from "./blocks.ts";
import { frameBoundary, readBoundary } from "./boundary.ts";
import { frameState } from "./frame-state.ts";
import { learnShape, type ParsedState, parseState } from "./parse-state.ts";
import { StateError } from "./state-error.ts";
import {
  type AttentionSection,
  BLOCK_TOKENS,
  rowBytes,
  type StateSection,
  type StateShape,
} from "./state-shape.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parse-state-"));
});
afterAll(() => rm(folder, { recursive: true }));

const [F32, F16, Q8] = [0, 1, 8];
const full: AttentionSection = {
  kind: "attention",
  layers: 2,
  parts: [
    { type: F16, rowBytes: 8 },
    { type: F16, rowBytes: 4 },
    { type: Q8, rowBytes: 34 },
    { type: Q8, rowBytes: 68 },
  ],
  cells: "position",
  isWindow: false,
};
const windowed: StateSection = { ...full, isWindow: true };
const recurrent: StateSection = {
  kind: "recurrent",
  layers: 3,
  parts: [
    { type: F32, rowBytes: 24 },
    { type: F32, rowBytes: 16 },
    { type: F32, rowBytes: 0 },
    { type: F32, rowBytes: 40 },
  ],
};
const SHAPES: readonly StateShape[] = [
  { streams: 1, sections: [full] },
  { streams: 3, sections: [full] },
  { streams: 2, sections: [{ ...full, parts: full.parts.slice(0, 2) }] },
  { streams: 2, sections: [{ ...full, cells: "place" }] },
  { streams: 2, sections: [full, windowed] },
  { streams: 2, sections: [recurrent] },
  { streams: 2, sections: [full, recurrent] },
  { streams: 3, sections: [{ ...full, cells: "place" }, recurrent] },
  { streams: 1, sections: [full, windowed, recurrent] },
  { streams: 1, sections: [{ ...full, layers: 0, parts: [] }, windowed, recurrent] },
];

/** A file of the shape as llama.cpp would write it, with random rows. */
function stateFile(shape: StateShape, count: number, random: () => number): Buffer {
  const tokens = Uint32Array.from({ length: count }, () => random() * 1000);
  const pieces = frameState({
    shape,
    tokens,
    rows: ({ section, part }) => {
      const { kind, parts } = shape.sections[section] ?? full;
      const bytes = (parts[part]?.rowBytes ?? 0) * (kind === "recurrent" ? 1 : count);
      return [Uint8Array.from({ length: bytes }, () => random() * 256)];
    },
  });
  return Buffer.concat(pieces);
}

async function onFile<T>(
  bytes: Uint8Array,
  action: (file: Awaited<ReturnType<typeof open>>) => Promise<T>,
): Promise<T> {
  const path = join(folder, "state");
  await writeFile(path, bytes);
  await using file = await open(path);
  return await action(file);
}

const parsed = (bytes: Uint8Array, shape: StateShape, mostTokens = 100_000): Promise<ParsedState> =>
  onFile(bytes, (file) => parseState(file, { shape, mostTokens }));

async function problem(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((caught: unknown) => caught);
  if (!(error instanceof StateError)) throw new Error(`no state error: ${String(error)}`);
  return error.code;
}

/** What a byte that was changed can look like: a length that is wrong makes the rest be read in the wrong place. */
const CODES: readonly string[] = ["damaged", "foreign", "unsupported", "too_long"];

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("the shape of every kind of state is learnt from a file of two tokens", async () => {
  for (const shape of SHAPES) {
    const learnt = await onFile(stateFile(shape, 2, numbers(1)), (file) =>
      learnShape(file, { streams: shape.streams, mostTokens: 2 }),
    );
    expect(learnt).toEqual(shape);
  }
});

test("a file that was cut into blocks and joined again has the same bytes", async () => {
  for (const shape of SHAPES.slice(0, 4)) {
    for (const count of [1, 255, 256, 700]) {
      const bytes = stateFile(shape, count, numbers(count));
      const { tokens, blocks } = await onFile(bytes, async (file) => {
        const state = await parseState(file, { shape, mostTokens: count });
        const all = await readBlocks(file, { shape, parsed: state, from: 0, to: count });
        const from = Math.floor(count / BLOCK_TOKENS) * BLOCK_TOKENS;
        expect(await readBlocks(file, { shape, parsed: state, from, to: count })).toEqual(
          all.slice(from / BLOCK_TOKENS),
        );
        return { tokens: state.tokens, blocks: all };
      });
      expect(Buffer.concat(frameBlocks({ shape, tokens, blocks })).equals(bytes)).toBe(true);
    }
  }
});

test("a whole state that was read and framed again has the same bytes", async () => {
  for (const shape of SHAPES) {
    const bytes = stateFile(shape, 300, numbers(5));
    const { tokens, blob } = await onFile(bytes, async (file) => {
      const state = await parseState(file, { shape, mostTokens: 300 });
      return { tokens: state.tokens, blob: await readBoundary(file, { shape, parsed: state }) };
    });
    expect(Buffer.concat(frameBoundary({ shape, tokens, blob })).equals(bytes)).toBe(true);
  }
});

describe("what llama.cpp would not survive, or would take for good, is an error before it sees it", () => {
  const shape: StateShape = { streams: 2, sections: [full] };
  const COUNT = 10;
  const bytes = stateFile(shape, COUNT, numbers(2));
  const STREAMS = 12 + 4 * COUNT;
  const CELLS = STREAMS + 8;
  const LAYERS = CELLS + 12 * COUNT;
  const changed = (at: number, value: number): Promise<string> => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value >>> 0, at);
    return problem(parsed(copy, shape));
  };

  test.each([
    ["another magic number", 0, 0x67677360],
    ["another version", 4, 4],
    ["no tokens", 8, 0],
    ["fewer tokens than cells", 8, COUNT - 1],
    ["more tokens than there are bytes", 8, 100_000],
    ["more tokens than the sequence takes", 8, 0xfffffff0],
    ["more streams", STREAMS, 3],
    ["no cells", STREAMS + 4, 0],
    ["four thousand million cells", STREAMS + 4, 0xfffffff0],
    ["fewer cells than tokens", STREAMS + 4, COUNT - 1],
    ["a position far away", CELLS, 999_999],
    ["a position below zero", CELLS, -5],
    ["a position twice", CELLS + 12, 0],
    ["a cell of two sequences", CELLS + 4, 2],
    ["a cell of a sequence that is not there", CELLS + 8, 77],
    ["transposed values", LAYERS, 1],
    ["more layers", LAYERS + 4, 3],
    ["four thousand million layers", LAYERS + 4, 0xfffffff0],
    ["another type", LAYERS + 8, F32],
    ["a type that does not exist", LAYERS + 8, 99],
    ["larger rows", LAYERS + 12, 10],
    ["rows larger than any file", LAYERS + 16, 0xffffffff],
    ["a second stream with cells", bytes.length - 4, 1],
  ])("%s", async (_, at, value) => {
    expect(CODES).toContain(await changed(at, value));
  });

  test("a file with bytes too few or too many, and an empty one", async () => {
    for (const missing of [1, 4, 1000]) {
      expect(await problem(parsed(bytes.subarray(0, bytes.length - missing), shape))).toBe("damaged");
    }
    expect(await problem(parsed(Buffer.concat([bytes, Buffer.alloc(1000)]), shape))).toBe("damaged");
    expect(await problem(parsed(Buffer.alloc(0), shape))).toBe("damaged");
  });

  test("a state of another model, or of other types", async () => {
    const other: StateShape = { ...shape, sections: [{ ...full, layers: 1, parts: full.parts.slice(0, 2) }] };
    expect(await problem(parsed(bytes, other))).toBe("foreign");
    const [first, ...rest] = full.parts;
    if (!first) throw new Error("no parts");
    const narrow: StateShape = {
      ...shape,
      sections: [{ ...full, parts: [{ ...first, rowBytes: 10 }, ...rest] }],
    };
    expect(await problem(parsed(bytes, narrow))).toBe("foreign");
  });
});

test("no flipped bit outside the rows and tokens, no cut and no addition goes unnoticed", async () => {
  const random = numbers(77);
  for (const shape of SHAPES) {
    const count = 20;
    const bytes = stateFile(shape, count, random);
    const state = await parsed(bytes, shape);
    const isRow = (at: number): boolean =>
      state.sections.some((place, index) =>
        shape.sections[index]?.parts.some((part, number) => {
          const start = place.rows[number] ?? 0;
          return at >= start && at < start + part.rowBytes * place.count;
        }),
      );
    // Cells with places repeat the tokens.
    const hasPlaces = shape.sections.some((each) => each.kind === "attention" && each.cells === "place");
    const isToken = (at: number): boolean => at >= 12 && at < 12 + 4 * count;
    for (let round = 0; round < 25; round++) {
      const copy = Buffer.from(bytes);
      const at = Math.floor(random() * copy.length);
      copy.writeUInt8((copy[at] ?? 0) ^ (1 << Math.floor(random() * 8)), at);
      const isFree = isRow(at) || (isToken(at) && !hasPlaces);
      if (isFree) expect((await parsed(copy, shape)).sections).toEqual(state.sections);
      else
        expect(["damaged", "foreign", "unsupported", "too_long"]).toContain(
          await problem(parsed(copy, shape)),
        );
      const length = Math.floor(random() * bytes.length);
      await problem(parsed(bytes.subarray(0, length), shape));
      await problem(parsed(Buffer.concat([bytes, bytes.subarray(0, length + 1)]), shape));
    }
  }
});

test("blocks and whole states of a wrong length are refused", async () => {
  const shape: StateShape = { streams: 2, sections: [full, windowed, recurrent] };
  const tokens = Uint32Array.from({ length: 20 }, (_, index) => index);
  const window = 4 + 8 * rowBytes(windowed);
  const blob = Buffer.alloc(4 + 20 * rowBytes(full) + window + rowBytes(recurrent));
  blob.writeUInt32LE(12, 4 + 20 * rowBytes(full));
  expect(Buffer.concat(frameBoundary({ shape, tokens, blob })).length).toBeGreaterThan(blob.length);
  const refused = (bad: Buffer, of = tokens): Promise<string> =>
    problem(Promise.resolve().then(() => frameBoundary({ shape, tokens: of, blob: bad })));
  const random = numbers(3);
  for (let round = 0; round < 200; round++) {
    expect(await refused(blob.subarray(0, Math.floor(random() * blob.length)))).toBe("damaged");
    const copy = Buffer.from(blob);
    const at = random() < 0.5 ? 0 : 4 + 20 * rowBytes(full);
    copy.writeUInt32LE((copy.readUInt32LE(at) ^ (1 << Math.floor(random() * 32))) >>> 0, at);
    expect(await refused(copy)).toBe("damaged");
  }
  expect(await refused(Buffer.concat([blob, Buffer.alloc(1)]))).toBe("damaged");
  expect(await refused(blob, tokens.subarray(1))).toBe("damaged");

  const plain: StateShape = { streams: 1, sections: [full] };
  const block = (count: number): Buffer => Buffer.alloc(count * rowBytes(full));
  const framed = (blocks: readonly Buffer[], count: number): Promise<string> =>
    problem(
      Promise.resolve().then(() => frameBlocks({ shape: plain, tokens: new Uint32Array(count), blocks })),
    );
  expect(await framed([], 0)).toBe("damaged");
  expect(await framed([block(256)], 257)).toBe("damaged");
  expect(await framed([block(256), block(1)], 258)).toBe("damaged");
  expect(await framed([block(255), block(1)], 257)).toBe("damaged");
  expect(await framed([block(257)], 256)).toBe("damaged");
  expect(await framed([block(10).subarray(1)], 10)).toBe("damaged");
});
