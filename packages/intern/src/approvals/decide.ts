import { matchesCall } from "./matches-call.ts";
import type { Policy } from "./policy.ts";
import { type CallMatch, type Decision, isStricter, type NamedRule } from "./rule.ts";
import type { ToolRequest } from "./tool-request.ts";

export interface Verdict {
  readonly decision: Decision;
  /** The name of the rule that decided. */
  readonly rule: string;
  /** One sentence, for the person and the model. */
  readonly why: string;
}

const NO_RULE: Verdict = { decision: "ask", rule: "none", why: "No rule speaks of this call." };

/**
 * What the policy says of a call. In each layer the first rule that fits speaks, and so again for each agent above the one
 * that calls; the strictest of these words counts. A sub-agent can therefore never do what its parent may not.
 */
export function decide(policy: Policy, request: ToolRequest): Verdict {
  const verdict = lineage(request)
    .flatMap((each) => words(policy, each))
    .reduce((strictest, next) => (isStricter(next.decision, strictest.decision) ? next : strictest));
  if (verdict.decision !== "ask" || firstAllowing(policy.always, request) === -1) return verdict;
  return { decision: "allow", rule: "session", why: "The person allowed such calls for this session." };
}

/** What becomes of a question that nobody can answer. */
export function decideAlone(policy: Policy, request: ToolRequest): Verdict {
  const verdict = decide(policy, request);
  if (verdict.decision !== "ask") return verdict;
  const index = firstAllowing(policy.headless, request);
  if (index === -1) return { ...verdict, decision: "deny" };
  return {
    decision: "allow",
    rule: `approvals.headless.allow[${index}]`,
    why: "It is allowed where nobody can be asked.",
  };
}

/** What each layer says. One that a sub-agent adds may be silent; where the first one is, a person is asked. */
function words({ layers: [first = [], ...added] }: Policy, request: ToolRequest): readonly Verdict[] {
  return [firstWord(first, request) ?? NO_RULE, ...added.flatMap((rules) => firstWord(rules, request) ?? [])];
}

function firstWord(rules: readonly NamedRule[], request: ToolRequest): Verdict | null {
  const rule = rules.find((each) =>
    matchesCall(each, request, each.decision === "allow" ? "narrow" : "broad"),
  );
  if (rule === undefined) return null;
  const { decision, name, why = `The rule ${name} says so.` } = rule;
  return { decision, rule: name, why };
}

function firstAllowing(matches: readonly CallMatch[], request: ToolRequest): number {
  return matches.findIndex((match) => lineage(request).every((each) => matchesCall(match, each, "narrow")));
}

/** The call as if each agent from the top made it: `main`, then `main/research`. */
function lineage(request: ToolRequest): readonly ToolRequest[] {
  const names = request.agent.split("/");
  return names.map((_, index) => ({ ...request, agent: names.slice(0, index + 1).join("/") }));
}
