import type { Element } from "hast";
import { elementsOf, hasClass, propertyOf } from "../markdown/html-tree.ts";
import { inlineMarkdown } from "./latexml-inline.ts";

/** A table that claims more is not one that anybody reads. */
const MOST_COLUMNS = 200;
const MOST_CELLS = 20_000;

interface Cell {
  readonly text: string;
  readonly columns: number;
  readonly rows: number;
}

export function isTabular(element: Element): boolean {
  return hasClass(element, "ltx_tabular");
}

/** The rows of a table, with what spans several cells in each of them; rows of headings are made into one, the first. */
export function tableRows(table: Element, base: string): string[][] {
  const rows = elementsOf(table, isRow);
  const grid: string[][] = rows.map(() => []);
  let cells = 0;
  let groups = 0;
  for (const [index, row] of rows.entries()) {
    let column = 0;
    const parts = elementsOf(row, isCell).map((cell) => cellOf(cell, base));
    for (const { text, columns, rows: height } of parts) {
      while (grid[index]?.[column] !== undefined) column++;
      for (let y = index; y < Math.min(index + height, rows.length); y++) {
        for (
          let x = column;
          x < Math.min(column + columns, MOST_COLUMNS) && cells < MOST_CELLS;
          x++, cells++
        ) {
          const line = grid[y];
          if (line !== undefined) line[x] = text;
        }
      }
      column += columns;
    }
    // A heading over several columns has its columns' headings below it.
    if (index === groups && parts.length > 1 && parts.some(({ columns }) => columns > 1)) groups++;
  }
  const marked = elementsOf(table, isHead).flatMap((head) => elementsOf(head, isRow)).length;
  const headings = marked > 0 ? marked : groups + 1;
  const width = Math.max(0, ...grid.map(({ length }) => length));
  const whole = grid.map((row) => Array.from({ length: width }, (_, x) => row[x] ?? ""));
  const top = whole.slice(0, headings);
  const header = Array.from({ length: width }, (_, x) =>
    [...new Set(top.map((row) => row[x] ?? ""))].filter(Boolean).join(" / "),
  );
  return width === 0 ? [] : [header, ...whole.slice(top.length)];
}

function isHead(element: Element): boolean {
  return element.tagName === "thead" || hasClass(element, "ltx_thead");
}

function isRow(element: Element): boolean {
  return element.tagName === "tr" || hasClass(element, "ltx_tr");
}

function isCell(element: Element): boolean {
  return (
    element.tagName === "td" ||
    element.tagName === "th" ||
    hasClass(element, "ltx_td") ||
    hasClass(element, "ltx_th")
  );
}

function cellOf(cell: Element, base: string): Cell {
  return {
    text: inlineMarkdown(cell.children, base),
    columns: span(cell, "colSpan", "ltx_colspan_"),
    rows: span(cell, "rowSpan", "ltx_rowspan_"),
  };
}

/** Tables made of spans say it by a class. */
function span(cell: Element, property: string, prefix: string): number {
  const { className } = cell.properties;
  const named = Array.isArray(className)
    ? className.find((name) => String(name).startsWith(prefix))
    : undefined;
  const value = Number(propertyOf(cell, property) ?? String(named ?? "").slice(prefix.length)) || 1;
  return Math.max(1, Math.min(Math.trunc(value), MOST_COLUMNS));
}
