import type { Style } from "./style.ts";

/** Rows under a head, with the first columns to the left and the others, which are numbers, to the right. */
export function table(
  [head, ...rows]: readonly [readonly string[], ...(readonly string[])[]],
  { texts, style }: { readonly texts: number; readonly style: Style },
): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return `${[style.bold(line(head)), ...rows.map(line)].join("\n")}\n`;
}
