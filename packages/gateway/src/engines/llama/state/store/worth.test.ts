import { expect, it } from "vitest";
import { Piece } from "./piece.ts";
import { PrefixTree } from "./tree/prefix-tree.ts";
import { countUse, isPromised, worth } from "./worth.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const tree = new PrefixTree({ key: "00".repeat(32), owner: { workspace: "w", model: "m" } }, 256);

function block({ tokens = 256, size = 1000, uses = [NOW] } = {}): Piece {
  const piece = new Piece(tree.grow(new Int32Array(tokens)), { kind: "block", size });
  for (const at of uses) countUse(piece, at);
  return piece;
}

it("a block is worth more the later it is, the smaller it is, and the lately and oftener it was used", () => {
  const usual = worth(block(), NOW);
  expect(worth(block({ tokens: 8192 + 256 }), NOW)).toBeCloseTo(usual + 1, 1);
  expect(worth(block({ size: 500 }), NOW)).toBeCloseTo(usual + 1);
  expect(worth(block({ uses: [NOW - 10 * MINUTE] }), NOW)).toBeCloseTo(usual - 1);
  expect(worth(block({ uses: [NOW - 2000, NOW] }), NOW)).toBeCloseTo(usual + 1, 1);
  expect(worth(block({ uses: [NOW - 10 * MINUTE, NOW - 10 * MINUTE + 2000] }), NOW)).toBeCloseTo(usual, 1);
});

it("several calls of one request are one use", () => {
  expect(worth(block({ uses: [NOW, NOW + 10, NOW + 900] }), NOW)).toBe(worth(block(), NOW));
});

it("a boundary is worth what would have to be computed again from the one before", () => {
  const boundary = (tokens: number): Piece => {
    const node = tree.grow(new Int32Array(tokens).fill(3));
    node.boundary = new Piece(node, { kind: "boundary", size: 1000 });
    countUse(node.boundary, NOW);
    return node.boundary;
  };
  const alone = boundary(4096);
  const before = worth(alone, NOW);
  boundary(4096 - 256);
  expect(worth(alone, NOW)).toBeLessThan(before - 3);
});

it("a promise ends at its time, and when the clock is set back by far", () => {
  const piece = block();
  countUse(piece, NOW, NOW + 5 * MINUTE);
  countUse(piece, NOW, NOW + MINUTE);
  expect(
    [0, 5 * MINUTE - 1, 5 * MINUTE, -MINUTE, -60 * MINUTE].map((ms) => isPromised(piece, NOW + ms)),
  ).toEqual([true, true, false, true, false]);
  countUse(piece, NOW - 60 * MINUTE, NOW - 55 * MINUTE);
  expect(isPromised(piece, NOW - 54 * MINUTE)).toBe(false);
});

it("uses from the future, before the clock was set back, count as one of now", () => {
  const piece = block({ uses: [NOW + 1e12, NOW + 1e12 + 5000] });
  expect(worth(piece, NOW)).toBe(worth(block(), NOW));
});
