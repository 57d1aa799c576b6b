/** Looks for the first of some markers in a text that is not whole yet. */
export class MarkerSearch {
  readonly #markers: readonly string[];
  readonly #pattern: RegExp;

  constructor(markers: readonly string[]) {
    this.#markers = [...new Set(markers)].sort((a, b) => b.length - a.length);
    this.#pattern = new RegExp(this.#markers.map(escapeForPattern).join("|") || "(?!)");
  }

  find(text: string): { readonly at: number; readonly marker: string } | null {
    const found = this.#pattern.exec(text);
    return found ? { at: found.index, marker: found[0] } : null;
  }

  /** How much of the text cannot be the beginning of a marker. */
  clear(text: string): number {
    let held = 0;
    for (const marker of this.#markers) {
      for (let length = Math.min(marker.length - 1, text.length); length > held; length--) {
        if (text.endsWith(marker.slice(0, length))) held = length;
      }
    }
    return text.length - held;
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
