/** Money is counted in whole picodollars (10⁻¹² USD): a dollar a million tokens is 1,000,000 of them a token. */
export type Picodollars = bigint;

const DECIMALS = 12;
const DOLLARS = /^-?\d+(\.\d{1,12})?$/;

/** Dollars as an exact decimal without needless zeros, such as `0.0042` or `-1`. */
export function formatDollars(amount: Picodollars): string {
  if (amount < 0n) return `-${formatDollars(-amount)}`;
  // Seven of them in each line of usage: digits are cut, which is faster than dividing.
  const digits = amount.toString().padStart(DECIMALS + 1, "0");
  const point = digits.length - DECIMALS;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === ZERO) end--;
  const whole = digits.slice(0, point);
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

/** Whether a text is what {@link formatDollars} writes. */
export function isDollars(text: string): boolean {
  return DOLLARS.test(text);
}

/** Reads what {@link formatDollars} wrote. */
export function parseDollars(text: string): Picodollars {
  const point = text.indexOf(".");
  if (point === -1) return BigInt(text) * DOLLAR;
  return BigInt(text.slice(0, point) + text.slice(point + 1).padEnd(DECIMALS, "0"));
}

const ZERO = "0".charCodeAt(0);
const DOLLAR = 10n ** BigInt(DECIMALS);
