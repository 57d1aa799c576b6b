/** Marks where a piece of the prompt ends. It is no character, so that no text has it for a reason. */
const SEAM = "\ufdd0";

export interface SpecialTextOptions {
  /** Texts of special tokens. */
  readonly specialTokens: readonly string[];
  /** What the model's template itself writes. */
  readonly template: string;
}

/** What content must not spell, so that a document cannot end a turn, begin another or call a tool. */
export class SpecialText {
  readonly #pattern: RegExp;

  constructor({ specialTokens, template }: SpecialTextOptions) {
    const dangerous = specialTokens.filter(
      (token) => token.trim().length > 2 && (looksLikeControl(token) || template.includes(token)),
    );
    const alternatives = dangerous
      .sort((a, b) => b.length - a.length)
      .map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    this.#pattern = new RegExp(alternatives.join("|") || "(?!)", "g");
  }

  /** The value with a seam within each special token that one of its texts spells. */
  seam<T>(value: T): T {
    return this.#seam(value) as T;
  }

  #seam(value: unknown): unknown {
    if (typeof value === "string") {
      return value
        .replaceAll(SEAM, "")
        .replace(this.#pattern, (token) => `${token.slice(0, 1)}${SEAM}${token.slice(1)}`);
    }
    if (Array.isArray(value)) return value.map((item) => this.#seam(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#seam(key), this.#seam(item)]),
    );
  }
}

/** The pieces between the seams. */
export function promptPieces(prompt: string): readonly string[] {
  return prompt.split(SEAM).filter((piece) => piece !== "");
}

/** Vocabularies also have tokens of their own for white space and HTML tags; these are ordinary text. */
function looksLikeControl(token: string): boolean {
  return /^(<[|｜].*[|｜]>|<\/?s>|\[\/?[A-Z_]+\]|<\|?(start|end)_of_.*>|<\|.*|.*\|>)$/u.test(token);
}
