const PICODOLLARS = 1e12;

/** Dollars to the cent, small amounts to a hundredth of it. */
export function aboutDollars(picodollars: bigint): string {
  if (picodollars === 0n) return "$0";
  const dollars = Number(picodollars < 0n ? -picodollars : picodollars) / PICODOLLARS;
  const sign = picodollars < 0n ? "-" : "";
  if (dollars < 0.0001) return sign === "" ? "<$0.0001" : ">-$0.0001";
  const decimals = dollars < 1 ? 4 : 2;
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return `${sign}$${dollars.toLocaleString("en", options)}`;
}

/** A name on one line of a terminal, whatever is in it: clients choose names of models. */
export function printable(name: string, most: number): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}
