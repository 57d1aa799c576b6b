import { grammarChoice } from "./grammar-text.ts";

/** llama.cpp unrolls bounded repetitions, and takes a higher bound for none at all. */
export const MAX_REPETITIONS = 2000;

/** The named rules of one grammar. Equal rules are written once. */
export class GrammarRules {
  readonly #bodies = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** A rule of this body; `hint` is part of its name. Returns the name. */
  add(hint: string, body: string): string {
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = this.reserve(hint);
    this.define(name, body);
    this.#names.set(body, name);
    return name;
  }

  /** A name for a rule that is defined later, so that it may refer to itself. */
  reserve(hint: string): string {
    const stem = hint.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "rule";
    let name = stem;
    for (let count = 2; this.#bodies.has(name) || name === "root"; count++) name = `${stem}-${count}`;
    this.#bodies.set(name, '""');
    return name;
  }

  define(name: string, body: string): void {
    this.#bodies.set(name, body);
  }

  /**
   * The expression `minimum` to `maximum` times. It becomes a rule of its own: llama.cpp multiplies the sizes of
   * repetitions that stand within each other, and refuses the product.
   */
  repeat(
    hint: string,
    expression: string,
    { minimum, maximum }: { readonly minimum: number; readonly maximum: number | null },
  ): string {
    if (maximum === 0) return '""';
    if (minimum === 1 && maximum === 1) return expression;
    const item = /^[a-zA-Z0-9-]+$/.test(expression) ? expression : this.add(hint, expression);
    if (maximum === null)
      return minimum === 0 ? `${item}*` : minimum === 1 ? `${item}+` : `${item}{${minimum},}`;
    if (minimum === 0 && maximum === 1) return `${item}?`;
    return minimum === maximum ? `${item}{${minimum}}` : `${item}{${minimum},${maximum}}`;
  }

  /** The whole grammar as GBNF text. */
  grammar(root: string | readonly string[]): string {
    const lines = Array.from(this.#bodies, ([name, body]) => `${name} ::= ${body}`);
    return `${[`root ::= ${typeof root === "string" ? root : grammarChoice(root)}`, ...lines].join("\n")}\n`;
  }
}
