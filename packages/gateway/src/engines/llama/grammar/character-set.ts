import type { CharacterRange } from "./grammar-text.ts";

/** Sorted ranges of code points that neither touch nor overlap. */
export type CharacterSet = readonly CharacterRange[];

/** All characters: surrogates are none by themselves. */
export const ALL_CHARACTERS: CharacterSet = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

export function characterSet(ranges: readonly CharacterRange[]): CharacterSet {
  const sorted = ranges.filter(([low, high]) => low <= high).sort((a, b) => a[0] - b[0]);
  const merged: CharacterRange[] = [];
  for (const [low, high] of sorted) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) merged[merged.length - 1] = [last[0], Math.max(last[1], high)];
    else merged.push([low, high]);
  }
  return merged;
}

/** The characters themselves. */
export function charactersOf(text: string): CharacterSet {
  return characterSet(
    Array.from(text, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return [code, code] as const;
    }),
  );
}

export function complement(set: CharacterSet): CharacterSet {
  return subtract(ALL_CHARACTERS, set);
}

export function subtract(from: CharacterSet, removed: CharacterSet): CharacterSet {
  let rest: readonly CharacterRange[] = from;
  for (const [low, high] of removed) {
    rest = rest.flatMap((range) => {
      if (range[1] < low || range[0] > high) return [range];
      const parts: CharacterRange[] = [];
      if (range[0] < low) parts.push([range[0], low - 1]);
      if (range[1] > high) parts.push([high + 1, range[1]]);
      return parts;
    });
  }
  return rest;
}

export function includesCharacter(set: CharacterSet, code: number): boolean {
  return set.some(([low, high]) => low <= code && code <= high);
}
