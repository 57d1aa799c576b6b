import type { Style } from "../style.ts";
import type { Key } from "./key-reader.ts";
import type { Size } from "./live-rows.ts";

export interface PanelLook {
  readonly size: Size;
  readonly style: Style;
}

/** Something that has the keyboard, in place of the input, until a key answers it. */
export interface Panel<Answer> {
  rows(look: PanelLook): string[];
  /** The answer, when the key gives one. */
  press(key: Key): { readonly answer: Answer } | null;
}
