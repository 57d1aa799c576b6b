/** A small reader of GBNF, for tests: whether a text matches a grammar, and random texts that do. */

type Element =
  | {
      readonly type: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    }
  | { readonly type: "rule"; readonly name: string };

type Sequence = readonly Element[];

/** The rest of a derivation: what must still be matched. */
interface Stack {
  readonly element: Element;
  readonly rest: Stack | null;
}

/** llama.cpp refuses more; bounds above it are taken for none. */
const MAX_REPETITIONS = 2000;

export class Gbnf {
  readonly #rules = new Map<string, readonly Sequence[]>();
  readonly #text: string;
  #at = 0;
  #count = 0;

  constructor(text: string) {
    this.#text = text;
    while (this.#at < text.length) this.#readRule();
    for (const sequences of this.#rules.values()) {
      for (const element of sequences.flat()) {
        if (element.type === "rule" && !this.#rules.has(element.name))
          throw new Error(`no rule ${element.name}`);
      }
    }
    this.#refuseLeftRecursion();
  }

  matches(text: string): boolean {
    return this.#advance(text)?.has(null) ?? false;
  }

  /** Whether some text that begins so matches. */
  allows(text: string): boolean {
    return this.#advance(text) !== null;
  }

  /** A random text of the grammar. `random` gives numbers from 0 to below 1. */
  sample(random: () => number): string {
    const generate = (name: string, depth: number): string => {
      const all = this.#rules.get(name) ?? [];
      const choices = depth > 40 ? [this.#shortest(all)] : all;
      const sequence = choices[Math.floor(random() * choices.length)] ?? [];
      return sequence
        .map((element) =>
          element.type === "rule" ? generate(element.name, depth + 1) : pick(element, random),
        )
        .join("");
    };
    return generate("root", 0);
  }

  #heights: Map<string, number> | null = null;

  /** The alternative that ends soonest, so that sampling ends. */
  #shortest(sequences: readonly Sequence[]): Sequence {
    this.#heights ??= this.#computeHeights();
    const heights = this.#heights;
    const height = (sequence: Sequence) =>
      Math.max(
        0,
        ...sequence.map((element) => (element.type === "rule" ? (heights.get(element.name) ?? 1e9) : 0)),
      );
    return [...sequences].sort((a, b) => height(a) - height(b))[0] ?? [];
  }

  #computeHeights(): Map<string, number> {
    const heights = new Map<string, number>();
    for (let changed = true; changed; ) {
      changed = false;
      for (const [name, sequences] of this.#rules) {
        const height =
          1 +
          Math.min(
            ...sequences.map((sequence) =>
              Math.max(0, ...sequence.map((e) => (e.type === "rule" ? (heights.get(e.name) ?? 1e9) : 0))),
            ),
          );
        if (height < (heights.get(name) ?? 1e9)) {
          heights.set(name, height);
          changed = true;
        }
      }
    }
    return heights;
  }

  #advance(text: string): Set<Stack | null> | null {
    let stacks = this.#expand(new Set([push({ type: "rule", name: "root" }, null)]));
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      const next = new Set<Stack | null>();
      for (const stack of stacks) {
        if (stack?.element.type === "class" && includes(stack.element, code)) next.add(stack.rest);
      }
      stacks = this.#expand(next);
      if (stacks.size === 0) return null;
    }
    return stacks;
  }

  /** Replaces rules by what they stand for until a character, or nothing, comes first. */
  #expand(stacks: ReadonlySet<Stack | null>): Set<Stack | null> {
    const done = new Set<Stack | null>();
    const seen = new Map<string, Set<Stack | null>>();
    const todo = [...stacks];
    while (todo.length > 0) {
      const stack = todo.pop() ?? null;
      if (stack === null || stack.element.type === "class") {
        done.add(stack);
        continue;
      }
      const { name } = stack.element;
      const rests = seen.get(name) ?? new Set();
      if (rests.has(stack.rest)) continue;
      seen.set(name, rests.add(stack.rest));
      for (const sequence of this.#rules.get(name) ?? []) {
        todo.push(
          [...sequence].reverse().reduce<Stack | null>((rest, element) => push(element, rest), stack.rest),
        );
      }
    }
    return done;
  }

  #refuseLeftRecursion(): void {
    const nullable = new Set<string>();
    for (let size = -1; size !== nullable.size; ) {
      size = nullable.size;
      for (const [name, sequences] of this.#rules) {
        const isNullable = (sequence: Sequence) =>
          sequence.every((e) => e.type === "rule" && nullable.has(e.name));
        if (sequences.some(isNullable)) nullable.add(name);
      }
    }
    const state = new Map<string, "open" | "done">();
    const visit = (name: string): void => {
      if (state.get(name) === "done") return;
      if (state.get(name) === "open") throw new Error(`left recursion in ${name}`);
      state.set(name, "open");
      for (const sequence of this.#rules.get(name) ?? []) {
        for (const element of sequence) {
          if (element.type === "rule") visit(element.name);
          if (element.type === "class" || !nullable.has(element.name)) break;
        }
      }
      state.set(name, "done");
    };
    for (const name of this.#rules.keys()) visit(name);
  }

  #readRule(): void {
    this.#space({ lines: true });
    const name = this.#word();
    this.#expect("::=");
    this.#rules.set(name, this.#alternatives(false));
    this.#space({ lines: true });
  }

  #alternatives(nested: boolean): readonly Sequence[] {
    const all = [this.#sequence(nested)];
    while (this.#take("|")) all.push(this.#sequence(nested));
    return all;
  }

  #sequence(nested: boolean): Sequence {
    const elements: Element[] = [];
    let last: Sequence = [];
    for (;;) {
      this.#space({ lines: nested });
      const next = this.#text[this.#at];
      if (next === undefined || "|)\n".includes(next)) return elements;
      const bounds = this.#bounds();
      if (bounds) {
        if (last.length === 0) throw new Error(`nothing to repeat at ${this.#at}`);
        elements.splice(elements.length - last.length, last.length, ...this.#repeat(last, bounds));
        last = [];
      } else {
        last = this.#item();
        elements.push(...last);
      }
    }
  }

  #item(): Sequence {
    if (this.#take('"')) {
      const elements: Element[] = [];
      while (!this.#take('"')) {
        const code = this.#character();
        elements.push({ type: "class", negated: false, ranges: [[code, code]] });
      }
      return elements;
    }
    if (this.#take("[")) {
      const negated = this.#take("^");
      const ranges: [number, number][] = [];
      while (!this.#take("]")) {
        const low = this.#character();
        const isRange = this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]" && this.#take("-");
        ranges.push([low, isRange ? this.#character() : low]);
      }
      // llama.cpp takes it for nothing at all.
      if (ranges.length === 0) throw new Error(`an empty class at ${this.#at}`);
      return [{ type: "class", negated, ranges }];
    }
    if (this.#take("(")) {
      const name = this.#fresh(this.#alternatives(true));
      this.#expect(")");
      return [{ type: "rule", name }];
    }
    return [{ type: "rule", name: this.#word() }];
  }

  #bounds(): readonly [number, number | null] | null {
    if (this.#take("*")) return [0, null];
    if (this.#take("+")) return [1, null];
    if (this.#take("?")) return [0, 1];
    if (this.#text[this.#at] !== "{") return null;
    const [whole = "", least = "", comma, most] =
      /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 20)) ?? [];
    if (whole === "") throw new Error(`bad repetition at ${this.#at}`);
    this.#at += whole.length;
    const maximum = comma ? (most ? Number(most) : null) : Number(least);
    if (Number(least) > MAX_REPETITIONS || (maximum ?? 0) > MAX_REPETITIONS)
      throw new Error(`too many repetitions: ${whole}`);
    if (maximum !== null && maximum < Number(least)) throw new Error(`bad repetition: ${whole}`);
    return [Number(least), maximum];
  }

  #repeat(item: Sequence, [least, most]: readonly [number, number | null]): Sequence {
    const repeated = Array.from({ length: least }, () => item).flat();
    if (most === null) {
      const name = `repetition ${this.#count++}`;
      this.#rules.set(name, [[...item, { type: "rule", name }], []]);
      return [...repeated, { type: "rule", name }];
    }
    let tail: Sequence = [];
    for (let count = least; count < most; count++) {
      tail = [{ type: "rule", name: this.#fresh([[...item, ...tail], []]) }];
    }
    return [...repeated, ...tail];
  }

  #fresh(sequences: readonly Sequence[]): string {
    const name = `group ${this.#count++}`;
    this.#rules.set(name, sequences);
    return name;
  }

  #character(): number {
    const rest = this.#text.slice(this.#at, this.#at + 10);
    const [escaped, hexadecimal] =
      /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/
        .exec(rest)
        ?.filter((part) => part !== undefined) ?? [];
    if (escaped !== undefined) {
      this.#at += escaped.length;
      return Number.parseInt(hexadecimal ?? "", 16);
    }
    if (rest.startsWith("\\")) {
      this.#at += 2;
      const meaning = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', "[": "[", "]": "]", "-": "-" }[
        rest[1] ?? ""
      ];
      if (meaning === undefined) throw new Error(`no such escape: ${rest.slice(0, 2)}`);
      return meaning.charCodeAt(0);
    }
    const code = rest.codePointAt(0);
    if (code === undefined || code === 10) throw new Error("unexpected end");
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #word(): string {
    const [word = ""] = /^[a-zA-Z0-9-]+/.exec(this.#text.slice(this.#at, this.#at + 200)) ?? [];
    if (word === "")
      throw new Error(`expected a name at ${this.#at}: ${this.#text.slice(this.#at, this.#at + 20)}`);
    this.#at += word.length;
    this.#space({ lines: false });
    return word;
  }

  #space({ lines }: { readonly lines: boolean }): void {
    while (this.#at < this.#text.length && (lines ? " \t\n" : " \t").includes(this.#text.charAt(this.#at)))
      this.#at++;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text))
      throw new Error(`expected ${text} at ${this.#at}: ${this.#text.slice(this.#at, this.#at + 20)}`);
  }
}

const stacks = new WeakMap<Element, WeakMap<object, Stack>>();
const BOTTOM = {};

/** The same stack is the same object, so that sets of stacks stay small. */
function push(element: Element, rest: Stack | null): Stack {
  const byRest = stacks.get(element) ?? new WeakMap<object, Stack>();
  stacks.set(element, byRest);
  const stack = byRest.get(rest ?? BOTTOM) ?? { element, rest };
  byRest.set(rest ?? BOTTOM, stack);
  return stack;
}

function includes({ negated, ranges }: Element & { readonly type: "class" }, code: number): boolean {
  return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
}

const PLAIN = Array.from("abcxyzABC0189 _-.:/é漢");

function pick(element: Element & { readonly type: "class" }, random: () => number): string {
  if (element.negated) {
    const allowed = PLAIN.filter((character) => includes(element, character.codePointAt(0) ?? 0));
    return allowed[Math.floor(random() * allowed.length)] ?? "";
  }
  const [low, high] = element.ranges[Math.floor(random() * element.ranges.length)] ?? [63, 63];
  return String.fromCodePoint(low + Math.floor(random() * (Math.min(high, low + 200) - low + 1)));
}
