import type { ColumnReport } from "../data/report.ts";

const pixelName = /^(pixel|px|pix)[_ .-]?\d+|^\d+x\d+$/i;
const countedName = /^[a-z]*[_ .-]?\d+([_x., -]\d+)*$/i;

/**
 * Whether the columns are the pixels of small pictures: a square (or three) of numbers that are called so, or a
 * large one of counted whole numbers between 0 and 255.
 */
export function isPixelTable(
  features: readonly ColumnReport[],
  { expected }: { expected: boolean },
): boolean {
  const numbers = features.filter(
    ({ kind, type }) =>
      (kind === "number" || kind === "constant") && (type === "BIGINT" || type === "DOUBLE"),
  );
  const others =
    features.filter(({ kind }) => kind !== "identifier" && kind !== "empty").length - numbers.length;
  if (others > 0 || numbers.length < 16 || !isSquare(numbers.length)) return false;
  if (numbers.filter(({ name }) => pixelName.test(name)).length >= numbers.length * 0.95) return true;
  if (numbers.length < (expected ? 16 : 64)) return false;
  const bytes = numbers.every(
    ({ min, max, type }) => type === "BIGINT" && Number(min) >= 0 && Number(max) <= 255,
  );
  const counted = numbers.filter(({ name }) => countedName.test(name)).length >= numbers.length * 0.95;
  return bytes && (counted || expected);
}

function isSquare(count: number): boolean {
  return [count, count / 3].some((area) => Number.isInteger(Math.sqrt(area)));
}
