import { DEFAULT_HEADLESS, DEFAULT_RULES } from "./default-rules.ts";
import type { CallMatch, NamedRule, Rule } from "./rule.ts";

/** The section `approvals` of intern.yaml. */
export interface ApprovalSettings {
  /** Before those of ml-intern; the first that fits decides. */
  readonly rules?: readonly Rule[];
  /** What becomes of a question when there is nobody to answer it: these calls are made, all others are not. */
  readonly headless?: { readonly allow: readonly CallMatch[] };
}

export interface Policy {
  /** In each the first rule that fits speaks; of what they say the strictest counts. */
  readonly layers: readonly (readonly NamedRule[])[];
  /** Calls that are made without a question where nobody can be asked. */
  readonly headless: readonly CallMatch[];
  /** Calls that the person does not want to be asked about again in this session. */
  readonly always: readonly CallMatch[];
}

/** The person's rules, then the default ones. Without settings, the default ones alone. */
export function createPolicy({ rules = [], headless }: ApprovalSettings = {}): Policy {
  return {
    layers: [[...named(rules, "approvals.rules"), ...DEFAULT_RULES]],
    headless: headless?.allow ?? DEFAULT_HEADLESS,
    always: [],
  };
}

/**
 * The policy of a sub-agent with rules of its own: they can forbid what its parent may do, or ask about it, and never the
 * reverse. `name` stands before the rules' numbers in verdicts.
 */
export function narrowPolicy(policy: Policy, name: string, rules: readonly Rule[]): Policy {
  return { ...policy, layers: [...policy.layers, named(rules, name)] };
}

/** Takes over what the person has allowed for the rest of the session; it replaces questions, never a refusal. */
export function withAlways(policy: Policy, always: readonly CallMatch[]): Policy {
  return { ...policy, always };
}

function named(rules: readonly Rule[], prefix: string): readonly NamedRule[] {
  return rules.map((rule, index) => ({ ...rule, name: `${prefix}[${index}]` }));
}
