/** Money is counted in whole picodollars (10⁻¹² USD): a dollar a million tokens is 1,000,000 of them a token. */
export type Picodollars = bigint;

const DECIMALS = 12;
const DOLLAR = 10n ** BigInt(DECIMALS);
const DOLLARS = /^(-?)(\d+)(?:\.(\d{1,12}))?$/;

/** Dollars as an exact decimal without needless zeros, such as `0.0042` or `-1`. */
export function formatDollars(amount: Picodollars): string {
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % DOLLAR).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${size / DOLLAR}${fraction === "" ? "" : `.${fraction}`}`;
}

/** What {@link formatDollars} wrote; null for anything else. */
export function parseDollars(text: string): Picodollars | null {
  const [, sign, whole, fraction = ""] = DOLLARS.exec(text) ?? [];
  if (whole === undefined) return null;
  const size = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  return sign === "-" ? -size : size;
}
