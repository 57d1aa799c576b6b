import type { GrammarRules } from "./grammar-rules.ts";
import { grammarChoice, grammarLiteral } from "./grammar-text.ts";
import { otherNamesExpression } from "./other-names.ts";
import type { ValueNotation } from "./value-notation.ts";

export interface GrammarMember {
  readonly name: string;
  /** The member's value as a GBNF expression. */
  readonly value: string;
  readonly required: boolean;
}

export interface ObjectGrammarOptions {
  readonly rules: GrammarRules;
  readonly notation: ValueNotation;
  /** Values of members with other names, which come last; null when there are none. */
  readonly others: string | null;
}

/** An object with these members, in this order, as a GBNF expression. */
export function objectExpression(members: readonly GrammarMember[], options: ObjectGrammarOptions): string {
  const written = members.map((member) => ({ ...member, text: memberText(member, options) }));
  const inner = membersExpression(written, options);
  return options.rules.add("object", inner === "" ? '"{}"' : `"{" ${inner} "}"`);
}

function memberText({ name, value }: GrammarMember, { notation }: ObjectGrammarOptions): string {
  return `${grammarLiteral(`${notation.key(name)}:`)}${notation.spaces ? ' " "?' : ""} ${value}`;
}

function membersExpression(
  members: readonly (GrammarMember & { readonly text: string })[],
  { rules, notation, others }: ObjectGrammarOptions,
): string {
  const comma = notation.spaces ? '"," " "?' : '","';
  const other =
    others === null ? null : rules.add("other-member", otherMember(members, { rules, notation, others }));
  // rest[i]: what may follow once a member has been written and the next one would be number i.
  const rest: string[] = [other === null ? "" : `${rules.add("more-members", `${comma} ${other}`)}*`];
  for (const { text, required } of [...members].reverse()) {
    const next = `${comma} ${text}`;
    const part = required ? next : `${rules.add("member", next)}?`;
    const body = [part, rest[0]].filter(Boolean).join(" ");
    rest.unshift(rules.add("members", body));
  }
  const starts: string[] = [];
  for (const [index, { text, required }] of members.entries()) {
    starts.push([text, rest[index + 1]].filter(Boolean).join(" "));
    if (required) return grammarChoice(starts);
  }
  if (other !== null) starts.push(`${other} ${rest.at(-1)}`);
  return starts.length === 0 ? "" : `${rules.add("members", grammarChoice(starts))}?`;
}

function otherMember(
  members: readonly GrammarMember[],
  { rules, notation, others }: ObjectGrammarOptions & { readonly others: string },
): string {
  const names = otherNamesExpression(
    members.map(({ name }) => name),
    { rules, notation },
  );
  const quote = notation.keyQuote === "" ? "" : grammarLiteral(notation.keyQuote);
  const space = notation.spaces ? '" "?' : "";
  return [quote, names, quote, '":"', space, others].filter(Boolean).join(" ");
}
