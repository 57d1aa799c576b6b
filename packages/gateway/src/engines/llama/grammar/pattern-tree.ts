import { type CharacterSet, characterSet, charactersOf, complement } from "./character-set.ts";
import type { CharacterRange } from "./grammar-text.ts";

/** A regular expression without the parts that look around. */
export type PatternNode =
  | { readonly type: "set"; readonly set: CharacterSet }
  | { readonly type: "sequence"; readonly nodes: readonly PatternNode[] }
  | { readonly type: "choice"; readonly nodes: readonly PatternNode[] }
  | {
      readonly type: "repeat";
      readonly node: PatternNode;
      readonly minimum: number;
      /** Null where there is no bound. */
      readonly maximum: number | null;
    };

/** One of the pattern's outermost alternatives. */
export interface PatternAlternative {
  readonly node: PatternNode;
  /** Whether it begins with `^`, and ends with `$`. */
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

const DIGITS: CharacterSet = [[0x30, 0x39]];
const WORD = characterSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const SPACES = characterSet([
  ...charactersOf("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"),
  [0x2000, 0x200a],
]);
const NOT_LINE_END = complement(charactersOf("\n\r\u2028\u2029"));
const CLASSES: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", DIGITS],
  ["D", complement(DIGITS)],
  ["w", WORD],
  ["W", complement(WORD)],
  ["s", SPACES],
  ["S", complement(SPACES)],
]);
const CONTROL_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["f", "\f"],
  ["v", "\v"],
]);

/**
 * The pattern of a JSON Schema as a tree; null when it has parts that a grammar cannot express (assertions, references
 * to groups, properties of characters, anchors within groups).
 */
export function patternTree(source: string): readonly PatternAlternative[] | null {
  const reader = new PatternReader(source);
  try {
    return reader.alternatives();
  } catch (error) {
    if (error instanceof InexpressiblePattern) return null;
    throw error;
  }
}

class InexpressiblePattern extends Error {}

class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#characters = Array.from(source);
  }

  alternatives(): readonly PatternAlternative[] {
    const alternatives: PatternAlternative[] = [];
    do {
      const fromStart = this.#take("^");
      const node = this.#sequence();
      const toEnd = this.#take("$");
      alternatives.push({ node, fromStart, toEnd });
    } while (this.#take("|"));
    if (this.#at < this.#characters.length) throw new InexpressiblePattern();
    return alternatives;
  }

  #choice(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#take("|")) nodes.push(this.#sequence());
    return nodes.length === 1 && nodes[0] ? nodes[0] : { type: "choice", nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && !"|)$".includes(next); next = this.#peek()) {
      nodes.push(this.#quantified());
    }
    return nodes.length === 1 && nodes[0] ? nodes[0] : { type: "sequence", nodes };
  }

  #quantified(): PatternNode {
    const node = this.#atom();
    const bounds = this.#bounds();
    if (!bounds) return node;
    this.#take("?");
    if (["*", "+", "{"].includes(this.#peek() ?? "")) throw new InexpressiblePattern();
    return { type: "repeat", node, ...bounds };
  }

  #bounds(): { readonly minimum: number; readonly maximum: number | null } | null {
    if (this.#take("*")) return { minimum: 0, maximum: null };
    if (this.#take("+")) return { minimum: 1, maximum: null };
    if (this.#take("?")) return { minimum: 0, maximum: 1 };
    if (this.#peek() !== "{") return null;
    const [whole, minimum, comma, maximum] = /^\{(\d+)(,?)(\d*)\}/.exec(this.#rest()) ?? [];
    if (whole === undefined || minimum === undefined) throw new InexpressiblePattern();
    this.#at += whole.length;
    if (!comma) return { minimum: Number(minimum), maximum: Number(minimum) };
    return { minimum: Number(minimum), maximum: maximum ? Number(maximum) : null };
  }

  #atom(): PatternNode {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return { type: "set", set: this.#class() };
      case ".":
        return { type: "set", set: NOT_LINE_END };
      case "\\":
        return { type: "set", set: this.#escape() };
      case "^":
      case "*":
      case "+":
      case "?":
      case "{":
        throw new InexpressiblePattern();
      default:
        return { type: "set", set: charactersOf(character) };
    }
  }

  #group(): PatternNode {
    const [opening] = /^\?(:|<[a-zA-Z_]\w*>)/.exec(this.#rest()) ?? [];
    if (opening === undefined && this.#peek() === "?") throw new InexpressiblePattern();
    this.#at += opening?.length ?? 0;
    const node = this.#choice();
    if (!this.#take(")")) throw new InexpressiblePattern();
    return node;
  }

  #class(): CharacterSet {
    const negated = this.#take("^");
    const ranges: CharacterRange[] = [];
    while (!this.#take("]")) {
      const low = this.#classPart();
      const [first] = low;
      if (this.#peek() === "-" && this.#characters[this.#at + 1] !== "]") {
        this.#at++;
        const [last] = this.#classPart();
        if (!first || !last || first[0] !== first[1] || last[0] !== last[1]) throw new InexpressiblePattern();
        ranges.push([first[0], last[1]]);
      } else {
        ranges.push(...low);
      }
    }
    const set = characterSet(ranges);
    return negated ? complement(set) : set;
  }

  #classPart(): CharacterSet {
    const character = this.#next();
    return character === "\\" ? this.#escape({ inClass: true }) : charactersOf(character);
  }

  #escape({ inClass = false }: { readonly inClass?: boolean } = {}): CharacterSet {
    const character = this.#next();
    const known = CLASSES.get(character);
    if (known) return known;
    const control = CONTROL_ESCAPES.get(character);
    if (control) return charactersOf(control);
    if (inClass && character === "b") return charactersOf("\b");
    const [whole, braced, four, two] =
      /^(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(character + this.#rest()) ?? [];
    if (whole !== undefined) {
      this.#at += whole.length - 1;
      const code = Number.parseInt(braced ?? four ?? two ?? "", 16);
      if (code > 0x10ffff) throw new InexpressiblePattern();
      return [[code, code]];
    }
    if (/[a-zA-Z0-9]/.test(character)) throw new InexpressiblePattern();
    return charactersOf(character);
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #next(): string {
    const character = this.#peek();
    if (character === undefined) throw new InexpressiblePattern();
    this.#at++;
    return character;
  }

  #take(expected: string): boolean {
    if (this.#peek() !== expected) return false;
    this.#at++;
    return true;
  }

  #rest(): string {
    return this.#characters.slice(this.#at, this.#at + 64).join("");
  }
}
