/**
 * A set of names that only grows, and never changes: adding makes another set. The newest of a line of sets shares its memory with
 * all before it, so that a fold over thousands of names does not copy them each time.
 */
export class IdSet {
  static readonly EMPTY: IdSet = new IdSet(new Map(), 0);

  /** Each name with its place; this set has those before `#size`. */
  readonly #places: Map<string, number>;
  readonly #size: number;

  private constructor(places: Map<string, number>, size: number) {
    this.#places = places;
    this.#size = size;
  }

  has(id: string): boolean {
    return (this.#places.get(id) ?? this.#size) < this.#size;
  }

  with(id: string): IdSet {
    if (this.has(id)) return this;
    // The empty set belongs to everybody, and its memory to nobody.
    const isNewest = this.#size > 0 && this.#places.size === this.#size;
    const places = isNewest ? this.#places : new Map([...this.#places].slice(0, this.#size));
    return new IdSet(places.set(id, this.#size), this.#size + 1);
  }
}
