import type { Key } from "./key-reader.ts";
import type { Panel, PanelLook } from "./panel.ts";

export interface Choice<Value> {
  readonly value: Value;
  readonly title: string;
}

/** A choice from a list, which letters narrow down; null when the person leaves it. */
export class Picker<Value> implements Panel<Value | null> {
  readonly #title: string;
  readonly #choices: readonly Choice<Value>[];
  #filter = "";
  #at = 0;

  constructor(title: string, choices: readonly Choice<Value>[]) {
    this.#title = title;
    this.#choices = choices;
  }

  rows({ size, style }: PanelLook): string[] {
    const fitting = this.#fitting();
    const room = Math.max(3, Math.min(10, size.rows - 10));
    const first = Math.max(0, Math.min(this.#at - Math.floor(room / 2), fitting.length - room));
    const shown = fitting.slice(first, first + room).map(({ title }, index) => {
      const isChosen = first + index === this.#at;
      return isChosen ? style.bold(`› ${title}`) : `  ${title}`;
    });
    const filter = this.#filter === "" ? "" : ` “${this.#filter}”`;
    return [
      style.bold(`? ${this.#title}${filter}`),
      ...(shown.length === 0 ? [style.dim("  nothing fits")] : shown),
      style.dim(`${fitting.length} of ${this.#choices.length} · ↑ ↓ enter · esc leaves`),
    ];
  }

  press(key: Key): { readonly answer: Value | null } | null {
    const fitting = this.#fitting();
    if (key.kind !== "key") {
      this.#filter += key.text;
      this.#at = 0;
      return null;
    }
    switch (key.name) {
      case "enter": {
        const chosen = fitting[this.#at];
        return chosen === undefined ? null : { answer: chosen.value };
      }
      case "escape":
        return { answer: null };
      case "up":
        this.#at = Math.max(0, this.#at - 1);
        return null;
      case "down":
        this.#at = Math.min(Math.max(0, fitting.length - 1), this.#at + 1);
        return null;
      case "backspace":
        this.#filter = this.#filter.slice(0, -1);
        this.#at = 0;
        return null;
      default:
        return null;
    }
  }

  #fitting(): readonly Choice<Value>[] {
    const wanted = this.#filter.toLowerCase();
    return this.#choices.filter(({ title }) => title.toLowerCase().includes(wanted));
  }
}
