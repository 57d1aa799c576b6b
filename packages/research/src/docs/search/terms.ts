import { stem } from "./stem.ts";

export interface Term {
  readonly text: string;
  /** Whether it is only a part of a name that is a term itself: `packing` of `packing_strategy`. */
  readonly isPart: boolean;
}

/**
 * The terms of a text. Names are kept whole and taken apart as well, where they change case or have `_`, `.` or `-`; so that
 * `SFTConfig`, `sft config` and `trl.SFTConfig` meet. Words lose their endings; words that say nothing are left out.
 */
export function* termsOf(text: string): Generator<Term> {
  for (const [token] of text.matchAll(/[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*/gu)) {
    if (token.length > LONGEST) continue;
    let terms = known.get(token);
    if (terms === undefined) {
      terms = [...ofToken(token)];
      if (known.size > KNOWN) known.clear();
      known.set(token, terms);
    }
    yield* terms;
  }
}

/** Most words of a text were met before. */
const known = new Map<string, readonly Term[]>();
const KNOWN = 50_000;
/** Longer ones are data, not words. */
const LONGEST = 100;

function* ofToken(token: string): Generator<Term> {
  const dotted = token.split(".");
  if (dotted.length === 1) {
    yield* ofName(token);
    return;
  }
  yield { text: token.toLowerCase(), isPart: false };
  for (const piece of dotted) for (const { text } of ofName(piece)) yield { text, isPart: true };
}

function* ofName(name: string): Generator<Term> {
  const words = wordsOf(name);
  const [only] = words;
  if (words.length < 2) {
    const word = stem(only?.toLowerCase() ?? "");
    if (word !== "" && !EMPTY.has(word)) yield { text: word, isPart: false };
    return;
  }
  // `fine-tune` and `finetune` are written for the same thing; `a_b` is a name.
  const whole = name.includes("-") ? stem(words.join("").toLowerCase()) : name.toLowerCase();
  yield { text: whole.replace(/^_+/, ""), isPart: false };
  for (const word of words) {
    const part = stem(word.toLowerCase());
    if (part.length > 1 && !EMPTY.has(part)) yield { text: part, isPart: true };
  }
}

/** Where a name changes: at `_` and `-`, and between small and capital letters; `GPUs` is several of a word. */
function wordsOf(name: string): string[] {
  return name
    .split(/[_-]+/)
    .flatMap((piece) =>
      /^\p{Lu}{2,}s$/u.test(piece)
        ? [piece.slice(0, -1)]
        : piece.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u),
    )
    .filter((word) => word !== "");
}

/** Stemmed, as they are met. */
const EMPTY = new Set(
  `a about all also am an and any are as at be been but by can could did do doe does every for from get got had has hav have he her
   him his how i if in into is it its just let may me might must my no not of on or our out should so some such than that the their
   them then there these they this those to too up us use used using want was we were what when where which while who why will with would you your`
    .split(/\s+/)
    .flatMap((word) => [word, stem(word)]),
);
