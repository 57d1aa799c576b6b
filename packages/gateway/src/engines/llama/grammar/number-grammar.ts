import type { GrammarRules } from "./grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "./grammar-text.ts";

/** Fifteen digits are exact in every JSON parser. */
const MAX_DIGITS = 15;

export interface NumberBounds {
  /** Inclusive; null where there is none. */
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** Integers within the bounds, which are integers; null when there are none. */
export function integerExpression(rules: GrammarRules, { minimum, maximum }: NumberBounds): string | null {
  const choices: string[] = [];
  if (minimum === null || minimum < 0) {
    const smallest = maximum !== null && maximum < 0 ? -maximum : 1;
    const negative = naturals(rules, smallest, minimum === null ? null : -minimum);
    if (negative) choices.push(`"-" ${negative}`);
  }
  if (maximum === null || maximum >= 0) {
    const natural = naturals(rules, minimum !== null && minimum > 0 ? minimum : 0, maximum);
    if (natural) choices.push(natural);
  }
  return choices.length === 0 ? null : rules.add("integer", grammarChoice(choices));
}

export interface RealBounds extends NumberBounds {
  readonly minimumIsExclusive: boolean;
  readonly maximumIsExclusive: boolean;
}

/** Numbers within the bounds, which are integers; null when there are none. */
export function realExpression(rules: GrammarRules, bounds: RealBounds): string | null {
  const { minimum, maximum } = bounds;
  if (minimum === null && maximum === null) {
    const fraction = rules.add("fraction", '"." [0-9]{1,15}');
    return rules.add("number", `"-"? ${naturals(rules, 0, null)} ${fraction}? ([eE] [-+]? [0-9]{1,2})?`);
  }
  const choices: string[] = [];
  if (minimum === null || minimum < 0) {
    const magnitudes = realMagnitudes(rules, {
      minimum: maximum !== null && maximum <= 0 ? -maximum : 0,
      maximum: minimum === null ? null : -minimum,
      minimumIsExclusive: maximum !== null && maximum <= 0 && (bounds.maximumIsExclusive || maximum === 0),
      maximumIsExclusive: bounds.minimumIsExclusive,
    });
    choices.push(...magnitudes.map((magnitude) => `"-" ${magnitude}`));
  }
  if (maximum === null || maximum >= 0) {
    const above = minimum !== null && minimum >= 0;
    choices.push(
      ...realMagnitudes(rules, {
        minimum: above ? minimum : 0,
        maximum,
        minimumIsExclusive: above && bounds.minimumIsExclusive,
        maximumIsExclusive: bounds.maximumIsExclusive,
      }),
    );
  }
  return choices.length === 0 ? null : rules.add("number", grammarChoice(choices));
}

function realMagnitudes(
  rules: GrammarRules,
  { minimum, maximum, minimumIsExclusive, maximumIsExclusive }: RealBounds,
): readonly string[] {
  const low = minimum ?? 0;
  const choices: string[] = [];
  const fraction = rules.add("fraction", '"." [0-9]{1,15}');
  if (minimumIsExclusive && (maximum === null || low < maximum)) {
    const above = rules.add("positive-fraction", '"." [0-9]{0,9} [1-9] [0-9]{0,5}');
    choices.push(`${grammarLiteral(String(low))} ${above}`);
  }
  const between = naturals(rules, minimumIsExclusive ? low + 1 : low, maximum === null ? null : maximum - 1);
  if (between) choices.push(`${between} ${fraction}?`);
  if (
    maximum !== null &&
    !maximumIsExclusive &&
    (maximum > low || (maximum === low && !minimumIsExclusive))
  ) {
    choices.push(`${grammarLiteral(String(maximum))} ("." "0"{1,15})?`);
  }
  return choices;
}

/** Natural numbers between two of them, both included. */
function naturals(rules: GrammarRules, low: number, high: number | null): string | null {
  if (high !== null && high < low) return null;
  if (high === null) {
    if (low === 0) return rules.add("natural", `"0" | [1-9] [0-9]{0,${MAX_DIGITS - 1}}`);
    const digits = String(low).length;
    const longer = digits < MAX_DIGITS ? [`[1-9] [0-9]{${digits},${MAX_DIGITS - 1}}`] : [];
    const same = sameLength(String(low), "9".repeat(digits));
    return rules.add("natural", grammarChoice([same, ...longer]));
  }
  const choices: string[] = [];
  for (let digits = String(low).length; digits <= String(high).length; digits++) {
    const first = digits === String(low).length ? String(low) : `1${"0".repeat(digits - 1)}`;
    const last = digits === String(high).length ? String(high) : "9".repeat(digits);
    choices.push(sameLength(first, last));
  }
  return rules.add("natural", grammarChoice(choices));
}

/** Numbers of as many digits as both bounds have. */
function sameLength(low: string, high: string): string {
  if (low === "") return "";
  const [lowest = 0, highest = 9] = [Number(low[0]), Number(high[0])];
  const rest = low.length - 1;
  const free = rest === 0 ? "" : ` ${rest === 1 ? "[0-9]" : `[0-9]{${rest}}`}`;
  if (lowest === highest) {
    const inner = sameLength(low.slice(1), high.slice(1));
    return inner === "" ? `"${lowest}"` : `"${lowest}" ${inner}`;
  }
  if (rest === 0) return digitClass(lowest, highest);
  const choices: string[] = [];
  const lowIsOpen = /^0*$/.test(low.slice(1));
  const highIsOpen = /^9*$/.test(high.slice(1));
  if (!lowIsOpen) choices.push(`"${lowest}" ${sameLength(low.slice(1), "9".repeat(rest))}`);
  const from = lowIsOpen ? lowest : lowest + 1;
  const to = highIsOpen ? highest : highest - 1;
  if (from <= to) choices.push(`${digitClass(from, to)}${free}`);
  if (!highIsOpen) choices.push(`"${highest}" ${sameLength("0".repeat(rest), high.slice(1))}`);
  return grammarChoice(choices);
}

function digitClass(low: number, high: number): string {
  return low === high ? `"${low}"` : `[${low}-${high}]`;
}
