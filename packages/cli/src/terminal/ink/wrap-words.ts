import { displayWidth, graphemes } from "./display-width.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with it
const COLOUR = /\u001b\[[0-9;]*m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with it
const PARTS = /(\u001b\[[0-9;]*m)|( +)|([^ \u001b]+)/g;
const INDENT = /^ *(?:[│›] )?/;

/** Cells that a line with colours takes. */
export function visibleWidth(line: string): number {
  return displayWidth(line.replaceAll(COLOUR, ""));
}

/**
 * A printed line in rows of at most `width` cells, broken between words where that is possible. Further rows are indented as
 * the first one is. Colours take no room, and go on in the next row.
 */
export function wrapWords(line: string, width: number): string[] {
  const bare = line.replaceAll(COLOUR, "");
  if (displayWidth(bare) <= width) return [line];
  const ownIndent = INDENT.exec(bare)?.[0].replace("›", " ") ?? "";
  const indent = ownIndent.length < width / 2 ? ownIndent : "";
  const rows: string[] = [];
  let row = "";
  let used = 0;
  let gap = "";
  const breakRow = (): void => {
    rows.push(row);
    row = indent;
    used = displayWidth(indent);
    gap = "";
  };
  for (const [part, colour, spaces] of line.matchAll(PARTS)) {
    if (colour !== undefined) row += colour;
    else if (spaces !== undefined) gap += spaces;
    else {
      if (used + gap.length + displayWidth(part) > width && used > displayWidth(indent)) breakRow();
      row += gap;
      used += gap.length;
      gap = "";
      for (const grapheme of graphemes(part)) {
        const cells = displayWidth(grapheme);
        if (used + cells > width) breakRow();
        row += grapheme;
        used += cells;
      }
    }
  }
  return [...rows, row];
}
