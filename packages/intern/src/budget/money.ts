import { formatDollars, type Picodollars } from "@ml-intern/gateway";

const PICODOLLARS_PER_NANODOLLAR = 1000n;

/** Dollars of a setting or an old record; what is finer than a nanodollar is rounded away. */
export function picodollars(usd: number): Picodollars {
  return BigInt(Math.round(usd * 1e9)) * PICODOLLARS_PER_NANODOLLAR;
}

/** As a number, for records and faces that do not add it up. */
export function dollars(amount: Picodollars): number {
  return Number(formatDollars(amount));
}

/** For a person: `$12.50`, `$0.0042`, `-$0.10`. */
export function showDollars(amount: Picodollars): string {
  const usd = dollars(amount);
  const size = Math.abs(usd);
  const digits = size >= 0.1 ? size.toFixed(2) : size.toFixed(4).replace(/00$/, "");
  return `${usd < 0 ? "-" : ""}$${digits}`;
}

/** `part / whole` of an amount, rounded half up. */
export function share(amount: bigint, part: bigint, whole: bigint): bigint {
  return (amount * part * 2n + whole) / (whole * 2n);
}
