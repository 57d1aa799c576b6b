import { displayWidth, graphemes } from "./display-width.ts";
import type { Draft } from "./input-editor.ts";

/** Shows where the next character goes; it is no colour, so it stays where colours are not wanted. */
const cursorOn = (text: string): string => `\u001b[7m${text}\u001b[27m`;

/**
 * A draft in rows of at most `width` cells, with the cursor in it. Of more rows than `height` those around the cursor are
 * shown.
 */
export function inputRows(draft: Draft, { width, height }: { width: number; height: number }): string[] {
  const rows: string[] = [];
  let cursorRow = 0;
  let index = 0;
  for (const line of draft.text.split("\n")) {
    let row = "";
    let used = 0;
    for (const grapheme of [...graphemes(line), ""]) {
      const isCursor = index === draft.cursor;
      const shown = isCursor ? grapheme || " " : grapheme;
      const cells = displayWidth(shown);
      if (used + cells > width) {
        rows.push(row);
        row = "";
        used = 0;
      }
      if (isCursor) cursorRow = rows.length;
      row += isCursor ? cursorOn(shown) : shown;
      used += cells;
      index += grapheme.length;
    }
    rows.push(row);
    index++;
  }
  const first = Math.max(0, Math.min(cursorRow - Math.floor(height / 2), rows.length - height));
  return rows.slice(first, first + height);
}
