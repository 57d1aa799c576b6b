import type { Random } from "@ml-intern/testkit";

const UTF8 = new TextEncoder();

/** Bytes and texts that parsers have stumbled over. */
const SPLINTERS: readonly (Uint8Array | string)[] = [
  new Uint8Array([0xff]),
  new Uint8Array([0xc0, 0x80]),
  new Uint8Array([0xed, 0xa0, 0x80]),
  new Uint8Array([0xf4, 0x90, 0x80, 0x80]),
  new Uint8Array([0xef, 0xbb, 0xbf]),
  new Uint8Array([0x00]),
  "NaN",
  "1e999",
  "-0",
  "01",
  "\\u0000",
  "\\ud83d",
  "\\udc00\\ud800",
  "\\x",
  "\n",
  "//",
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"a":1,"a":2,',
  '"__proto__":{},',
  "[".repeat(300),
  '{"a":'.repeat(300),
  "9".repeat(400),
];

/** A copy with one to three changes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let changed = new Uint8Array(bytes);
  for (let left = 1 + random.below(3); left > 0; left--) changed = once(changed, random);
  return changed;
}

function once(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.below(40));
  switch (random.below(6)) {
    case 0: {
      const flipped = new Uint8Array(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    case 2:
      return new Uint8Array(bytes.subarray(0, at));
    case 3:
      return joined(bytes.subarray(0, end), bytes.subarray(at));
    default: {
      const splinter = random.pick(SPLINTERS);
      const piece = typeof splinter === "string" ? UTF8.encode(splinter) : splinter;
      return joined(bytes.subarray(0, at), piece, bytes.subarray(random.oneIn(2) ? at : end));
    }
  }
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}
