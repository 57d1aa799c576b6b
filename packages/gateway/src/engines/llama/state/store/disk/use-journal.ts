import type { Piece } from "../piece.ts";
import { fileName } from "./state-file.ts";

/** What is known about the use of a piece. */
export interface UseRecord {
  readonly name: string;
  readonly usedAt: number;
  readonly until: number;
  readonly heat: number;
}

/** One line of the file in which uses and promises outlive the process. */
export function useLine(piece: Piece): string {
  return `${fileName(piece)} ${piece.usedAt} ${piece.until} ${piece.heat}\n`;
}

/** Lines that were cut off or damaged are left out: what they said was only how much a piece is worth. */
export function parseUses(text: string): readonly UseRecord[] {
  const records: UseRecord[] = [];
  for (const line of text.split("\n")) {
    const [name, ...numbers] = line.split(" ");
    const [usedAt, until, heat] = numbers.map(Number);
    if (!name || numbers.length !== 3 || numbers.includes("")) continue;
    if (!isNumber(usedAt) || !isNumber(until) || !isNumber(heat)) continue;
    records.push({ name, usedAt, until, heat });
  }
  return records;
}

/** A use of a piece is a use of all blocks before it. */
export function applyUse(piece: Piece, { usedAt, until, heat }: UseRecord): void {
  for (const each of withBlocksBefore(piece)) {
    each.usedAt = Math.max(each.usedAt, usedAt);
    each.until = Math.max(each.until, until);
    each.heat = Math.max(each.heat, heat);
  }
}

function* withBlocksBefore(piece: Piece): Generator<Piece> {
  yield piece;
  if (piece.kind === "boundary") return;
  for (let node = piece.node.parent; node?.block; node = node.parent) yield node.block;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && !Number.isNaN(value);
}
