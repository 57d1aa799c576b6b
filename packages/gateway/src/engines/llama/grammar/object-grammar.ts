import type { GrammarRules } from "./grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "./grammar-text.ts";
import { otherNamesExpression } from "./other-names.ts";
import type { NameNotation, ValueNotation } from "./value-notation.ts";

/** What stands around the members of an object. */
export interface ObjectForm {
  readonly open: string;
  readonly close: string;
  /** Between two members, as a GBNF expression; `""` for nothing. */
  readonly comma: string;
  /** A member from the GBNF expressions of its name and its value. */
  readonly member: (name: string, value: string) => string;
  /** Default: the notation's. */
  readonly names?: NameNotation;
  /** How members are written that can only be strings, where that is another way. */
  readonly textNotation?: ValueNotation;
}

/** Objects as the notation has them: `{name: value, …}`. */
export function braces({ spaces }: ValueNotation): ObjectForm {
  const space = spaces ? ' " "?' : "";
  return {
    open: "{",
    close: "}",
    comma: `","${space}`,
    member: (name, value) => `${name} ":"${space} ${value}`,
  };
}

export interface GrammarMember {
  readonly name: string;
  /** The member's value as a GBNF expression. */
  readonly value: string;
  readonly required: boolean;
}

export interface ObjectGrammarOptions {
  readonly rules: GrammarRules;
  readonly notation: ValueNotation;
  /** Default: braces. */
  readonly form?: ObjectForm;
  /** Values of members with other names, which come last; null when there are none. */
  readonly others: string | null;
}

/** An object with these members, in this order, as a GBNF expression. */
export function objectExpression(
  members: readonly GrammarMember[],
  { rules, notation, form = braces(notation), others }: ObjectGrammarOptions,
): string {
  const names = form.names ?? notation;
  const written = members.map(({ name, value, required }) => ({
    required,
    text: form.member(grammarLiteral(names.key(name)), value),
  }));
  const other = others === null ? null : form.member(otherName(members, { rules, names }), others);
  const inner = membersExpression(written, { rules, comma: form.comma, other });
  if (inner === "") return rules.add("object", grammarLiteral(form.open + form.close));
  const [open, close] = [form.open, form.close].map((text) => (text === "" ? "" : grammarLiteral(text)));
  return rules.add("object", join(open, inner, close));
}

interface MembersOptions {
  readonly rules: GrammarRules;
  readonly comma: string;
  /** A member that is not declared; null when there are none. */
  readonly other: string | null;
}

function membersExpression(
  members: readonly { readonly text: string; readonly required: boolean }[],
  { rules, comma, other }: MembersOptions,
): string {
  const otherRule = other === null ? null : rules.add("other-member", other);
  // rest[i]: what may follow once a member has been written and the next one would be number i.
  const rest: string[] = [
    otherRule === null ? "" : rules.repeat("more-members", join(comma, otherRule), ANY_NUMBER),
  ];
  for (const { text, required } of [...members].reverse()) {
    const next = join(comma, text);
    const part = required ? next : `${rules.add("member", next)}?`;
    rest.unshift(rules.add("members", join(part, rest[0])));
  }
  const starts: string[] = [];
  for (const [index, { text, required }] of members.entries()) {
    starts.push(join(text, rest[index + 1]));
    if (required) return grammarChoice(starts);
  }
  if (otherRule !== null) starts.push(join(otherRule, rest.at(-1)));
  return starts.length === 0 ? "" : `${rules.add("members", grammarChoice(starts))}?`;
}

const ANY_NUMBER = { minimum: 0, maximum: null };

function otherName(
  members: readonly GrammarMember[],
  { rules, names }: { readonly rules: GrammarRules; readonly names: NameNotation },
): string {
  const declared = members.map(({ name }) => name);
  const quote = names.keyQuote === "" ? "" : grammarLiteral(names.keyQuote);
  return join(quote, otherNamesExpression(declared, { rules, notation: names }), quote);
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(" ");
}
