import { EMPTY_DRAFT, edit } from "./input-editor.ts";
import { inputRows } from "./input-rows.ts";
import type { Key } from "./key-reader.ts";
import { wrapped } from "./live-rows.ts";
import type { Panel, PanelLook } from "./panel.ts";

/** A question that is answered in words; null when the person leaves it. */
export class TextQuestion implements Panel<string | null> {
  readonly #lines: readonly string[];
  readonly #hint: string;
  #draft = EMPTY_DRAFT;

  constructor(lines: readonly string[], hint: string) {
    this.#lines = lines;
    this.#hint = hint;
  }

  rows({ size, style }: PanelLook): string[] {
    const room = Math.max(3, size.rows - 10);
    const lines = this.#lines.flatMap((line) => wrapped(line, size.columns - 2, 20));
    const hidden = lines.length - room;
    const shown = hidden > 0 ? [...lines.slice(0, room - 1), style.dim(`… ${hidden + 1} more lines`)] : lines;
    const [first = "", ...rest] = shown;
    const input = inputRows(this.#draft, { width: size.columns - 3, height: 4 });
    return [
      style.bold(`? ${first}`),
      ...rest.map((line) => `  ${line}`),
      ...input.map((row, index) => `${index === 0 ? style.tool("› ") : "  "}${row}`),
      style.dim(this.#hint),
    ];
  }

  press(key: Key): { readonly answer: string | null } | null {
    if (key.kind === "key" && key.name === "enter") return { answer: this.#draft.text.trim() };
    if (key.kind === "key" && key.name === "escape") return { answer: null };
    this.#draft = edit(this.#draft, key) ?? this.#draft;
    return null;
  }
}
