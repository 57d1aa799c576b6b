import { hitRate, savedBy, TOKEN_KINDS, totalOf, type UsageReport, type UsageSums } from "@ml-intern/gateway";
import type { Style } from "../terminal/style.ts";
import { aboutDollars, printable } from "./for-people.ts";

const KINDS = ["input", "5 m write", "1 h write", "read", "output"];
/** Longer names are cut; --format csv has them whole. */
const WIDEST_NAME = 50;

type Row = readonly string[];

/** Two lines for each group: its tokens, and what each kind of them cost. */
export function reportTable({ by, rows, total }: UsageReport, style: Style): string {
  const head: Row = [by, "requests", ...KINDS, "hit rate", "cost", "saved"];
  const groups = rows.map(({ name, sums }) =>
    linesOf(name === null ? "(none)" : printable(name, WIDEST_NAME), sums),
  );
  const all = [...groups, ...(rows.length > 1 ? [linesOf("total", total)] : [])];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...all.flat().map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: Row): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [
    style.bold(line(head)),
    ...all.flatMap(([tokens = [], money = []], index) => {
      const isTotal = index === groups.length;
      return [isTotal ? style.bold(line(tokens)) : line(tokens), style.dim(line(money))];
    }),
    "",
  ].join("\n");
}

function linesOf(name: string, sums: UsageSums): readonly [Row, Row] {
  const rate = hitRate(sums);
  const priced = sums.requests > sums.unpriced;
  // Where some have no price, the sum is not all that it cost.
  const unknown = sums.unpriced === 0 ? "" : " + ?";
  const tokens = [
    name,
    sums.requests.toLocaleString("en"),
    ...TOKEN_KINDS.map((kind) => sums.tokens[kind].toLocaleString("en")),
    rate === null ? "–" : `${(rate * 100).toFixed(1)} %`,
    priced ? `${aboutDollars(totalOf(sums))}${unknown}` : "unknown",
    priced ? aboutDollars(savedBy(sums)) : "unknown",
  ];
  const money = ["", "", ...TOKEN_KINDS.map((kind) => (priced ? aboutDollars(sums.money[kind]) : "unknown"))];
  return [tokens, money];
}
